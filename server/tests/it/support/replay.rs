//! Whatever a test made the reconciler decide, its record leads to the same decision again.

use hearth_prebuilds::{Decision, document::Document};
use hearth_server::{all, store::Db};
use serde_json::Value;
use sqlx::types::Json;

/// Takes every decision of the record again from its own document, and returns how many there are.
pub async fn every_decision(db: &Db) -> usize {
    let recorded = all!(
        db.read().await.unwrap(),
        (Json<Value>, Json<Decision<String>>),
        "SELECT snapshot, decision FROM decisions"
    )
    .unwrap();
    for (document, decision) in &recorded {
        let document = Document::read(document.0.to_string().as_bytes()).unwrap();
        assert_eq!(document.answer().presets[0].decision, decision.0);
    }
    recorded.len()
}
