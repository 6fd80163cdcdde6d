//! The decisions are pure, and stay so only if nothing that touches the world can be reached from them.

use std::process::Command;

#[test]
fn the_decisions_depend_on_no_runtime_database_or_web_crate() {
    let tree = Command::new(env!("CARGO"))
        .args(["tree", "--package", "hearth-prebuilds", "--edges", "normal", "--prefix", "none", "--offline"])
        .output()
        .unwrap();
    assert!(tree.status.success(), "{}", String::from_utf8_lossy(&tree.stderr));
    let tree = String::from_utf8(tree.stdout).unwrap();
    let names: Vec<&str> = tree.lines().filter_map(|line| line.split_whitespace().next()).collect();
    assert!(names.contains(&"chrono"), "the tree was not read: {tree}");
    // `rand_pcg` computes numbers from a seed; what asks the machine for randomness stays out.
    for forbidden in
        ["tokio", "sqlx", "axum", "leptos", "reqwest", "hyper", "rand", "getrandom", "async-trait", "futures"]
    {
        assert!(!names.contains(&forbidden), "prebuilds reaches {forbidden}");
    }
}
