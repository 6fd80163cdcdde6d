//! A document of `hearth decide`: whatever the bytes are, they are answered or refused; what is answered survives
//! being written and read.
#![no_main]

use hearth_prebuilds::document::{Answers, Document};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    let Ok(document) = Document::read(bytes) else { return };
    let answers = document.answer();
    let written = serde_json::to_vec(&document).expect("a document can be written");
    assert_eq!(Document::read(&written).as_ref(), Ok(&document));
    let written = serde_json::to_vec(&answers).expect("answers can be written");
    assert_eq!(serde_json::from_slice::<Answers>(&written).expect("answers can be read"), answers);
});
