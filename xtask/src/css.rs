//! The style sheet: `style/main.css` and all it imports, in one minified file.

use std::path::Path;

use anyhow::{Result, anyhow, bail};
use lightningcss::{
    bundler::{Bundler, FileProvider},
    stylesheet::{MinifyOptions, ParserOptions, PrinterOptions},
};

/// Bundles a style sheet. No targets are given on purpose: nesting, layers and `light-dark()` stay as written, all
/// current browsers have them.
pub fn bundle(entry: &Path) -> Result<String> {
    let files = FileProvider::new();
    let mut bundler = Bundler::new(&files, None, ParserOptions::default());
    let mut sheet = bundler.bundle(entry).map_err(|error| match &error.loc {
        Some(place) => anyhow!("{place}: {}", error.kind),
        None => anyhow!("{}: {}", entry.display(), error.kind),
    })?;
    if let Err(error) = sheet.minify(MinifyOptions::default()) {
        bail!("{}: {}", entry.display(), error.kind);
    }
    let printed = sheet.to_css(PrinterOptions { minify: true, ..PrinterOptions::default() })?;
    Ok(printed.code)
}
