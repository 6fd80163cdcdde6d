//! The browser's files are embedded from `target/site`, which `cargo xtask build` fills. An empty folder will do for
//! everything else, so that a fresh clone compiles.

fn main() -> std::io::Result<()> {
    let site = "../target/site";
    println!("cargo:rerun-if-changed={site}");
    std::fs::create_dir_all(site)
}
