//! What the fuzzer has found worth keeping, read again: nothing panics, hangs or changes by being written and read.

use std::{fs, path::Path};

use hearth_prebuilds::{
    document::Document,
    simulate::{Scenario, simulate_within},
};
use pretty_assertions::assert_eq;

fn corpus(target: &str) -> Vec<Vec<u8>> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../fuzz/corpus").join(target);
    let files = fs::read_dir(folder).unwrap().map(|entry| fs::read(entry.unwrap().path()).unwrap());
    let files: Vec<_> = files.collect();
    assert!(files.len() >= 5, "the corpus is missing");
    files
}

#[test]
fn every_document_of_the_corpus_is_answered_or_refused() {
    for bytes in corpus("decide") {
        let Ok(document) = Document::read(&bytes) else { continue };
        document.answer();
        let written = serde_json::to_vec(&document).unwrap();
        assert_eq!(Document::read(&written), Ok(document));
    }
}

#[test]
fn every_scenario_of_the_corpus_is_simulated_or_refused() {
    for bytes in corpus("scenario") {
        let Ok(scenario) = Scenario::read(&bytes) else { continue };
        let written = serde_json::to_vec(&scenario).unwrap();
        assert_eq!(Scenario::read(&written).as_ref(), Ok(&scenario));
        if let Ok(outcome) = simulate_within(&scenario, 200_000) {
            assert_eq!(outcome.hits + outcome.misses, outcome.requests);
        }
    }
}
