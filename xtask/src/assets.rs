//! The folder `target/site` that the server embeds: each file under a name with its content's hash, so that browsers
//! may keep it forever, beside its compressed twins and a manifest that says which names are current.

use std::{
    collections::BTreeSet,
    fs,
    io::Write,
    path::{Path, PathBuf},
};

use anyhow::{Context, Result, ensure};
use flate2::{Compression, write::GzEncoder};
use serde_json::json;
use sha2::{Digest, Sha256};

use crate::front::Front;

/// Writes the whole folder and removes what is no longer current.
pub fn write(front: Front, css: &str, icon: &[u8], compressed: bool) -> Result<()> {
    let mut site = Site::open(compressed)?;
    let wasm = site.add("hearth", "wasm", &front.wasm)?;
    let js = site.add("hearth", "js", started(front.js, &wasm)?.as_bytes())?;
    let css = site.add("hearth", "css", css.as_bytes())?;
    let icon = site.add("icon", "svg", icon)?;
    site.close(&json!({ "css": css, "js": js, "wasm": wasm, "icon": icon }))
}

/// The script of wasm-bindgen, told where its wasm is and to wake up the page and its islands by itself: so a page needs no script
/// of its own, which a strict content policy would refuse.
fn started(js: String, wasm: &str) -> Result<String> {
    ensure!(js.contains("__wbg_init as default"), "wasm-bindgen's script has no __wbg_init to call");
    Ok(js
        + &format!(
            r#"
__wbg_init({{ module_or_path: new URL("{wasm}", import.meta.url) }}).then(async () => {{
    const exports = await import(import.meta.url);
    exports.hydrate();
    for (const island of document.querySelectorAll("leptos-island")) exports[island.dataset.component]?.(island);
}});
"#
        ))
}

struct Site {
    folder: PathBuf,
    compressed: bool,
    current: BTreeSet<String>,
}

impl Site {
    fn open(compressed: bool) -> Result<Self> {
        let folder = crate::root().join("target/site");
        fs::create_dir_all(&folder).with_context(|| format!("cannot make {}", folder.display()))?;
        Ok(Self { folder, compressed, current: BTreeSet::new() })
    }

    /// Adds a file and returns its name. One that is there already is left alone: the name tells its content.
    fn add(&mut self, stem: &str, extension: &str, content: &[u8]) -> Result<String> {
        let hash = hex::encode(&Sha256::digest(content)[..8]);
        let name = format!("{stem}-{hash}.{extension}");
        self.put(name.clone(), || Ok(content.to_vec()))?;
        if self.compressed {
            self.put(format!("{name}.br"), || brotli(content))?;
            self.put(format!("{name}.gz"), || gzip(content))?;
        }
        Ok(name)
    }

    fn put(&mut self, name: String, content: impl FnOnce() -> Result<Vec<u8>>) -> Result<()> {
        let path = self.folder.join(&name);
        if !path.exists() {
            replace(&path, &content()?)?;
        }
        self.current.insert(name);
        Ok(())
    }

    fn close(mut self, manifest: &serde_json::Value) -> Result<()> {
        let path = self.folder.join("manifest.json");
        let text = format!("{manifest:#}\n");
        if fs::read_to_string(&path).ok().as_ref() != Some(&text) {
            replace(&path, text.as_bytes())?;
        }
        self.current.insert("manifest.json".into());
        for entry in fs::read_dir(&self.folder)? {
            let entry = entry?;
            if !self.current.contains(&*entry.file_name().to_string_lossy()) {
                fs::remove_file(entry.path())?;
            }
        }
        Ok(())
    }
}

/// Writes a file whole or not at all; the unfinished one lies outside of the folder, which is embedded as it is.
fn replace(path: &Path, content: &[u8]) -> Result<()> {
    let part = crate::root().join("target/site.part");
    fs::write(&part, content)
        .and_then(|()| fs::rename(&part, path))
        .with_context(|| format!("cannot write {}", path.display()))
}

fn brotli(content: &[u8]) -> Result<Vec<u8>> {
    let parameters = brotli::enc::BrotliEncoderParams { quality: 11, lgwin: 24, ..Default::default() };
    let mut compressed = Vec::new();
    brotli::BrotliCompress(&mut &*content, &mut compressed, &parameters)?;
    Ok(compressed)
}

fn gzip(content: &[u8]) -> Result<Vec<u8>> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::best());
    encoder.write_all(content)?;
    Ok(encoder.finish()?)
}
