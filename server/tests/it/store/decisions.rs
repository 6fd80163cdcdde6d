use hearth_prebuilds::ids::PresetId;
use hearth_server::{
    execute,
    store::{
        Db,
        decisions::{self, NewDecision, Of, Stretch},
        pools::PoolKey,
    },
};
use serde_json::json;
use uuid::Uuid;

use crate::{
    on_both_databases,
    support::world::{self, Template, minutes},
};

/// A preset's pool with decisions at these minutes.
struct Record {
    db: Db,
    web: Template,
    small: PresetId,
}

impl Record {
    async fn new(db: &Db, at: impl IntoIterator<Item = i64>) -> (Self, Vec<Uuid>) {
        let web = world::template(db, "web").await;
        let small = world::preset(db, (web.id, web.version), "small", 1).await;
        let record = Self { db: db.clone(), web, small };
        let mut made = Vec::new();
        for minute in at {
            made.push(record.decided(record.small, true, minute).await);
        }
        (record, made)
    }

    fn pool(&self) -> PoolKey {
        PoolKey { template_id: self.web.id, preset_name: "small".to_owned() }
    }

    async fn decided(&self, preset_id: PresetId, governs: bool, minute: i64) -> Uuid {
        let pool = self.pool();
        let (snapshot, decision) = (json!({ "now": minute }), json!({ "reasons": [] }));
        let new = NewDecision { pool: &pool, preset_id, governs, snapshot: &snapshot, decision: &decision };
        let mut tx = self.db.write().await.unwrap();
        let id = decisions::insert(&mut tx, &new, minutes(minute)).await.unwrap();
        tx.commit().await.unwrap();
        id
    }

    async fn list(&self, of: Of<'_>, stretch: Stretch) -> Vec<Uuid> {
        let mut conn = self.db.read().await.unwrap();
        let rows = decisions::list(&mut conn, of, stretch).await.unwrap();
        rows.into_iter().map(|row| row.id).collect()
    }

    async fn forget_before(&self, minute: i64, limit: u32) -> u64 {
        let mut tx = self.db.write().await.unwrap();
        let forgotten = decisions::forget_before(&mut tx, minutes(minute), limit).await.unwrap();
        tx.commit().await.unwrap();
        forgotten
    }

    /// Oldest first.
    async fn left(&self) -> Vec<Uuid> {
        let mut left = self.list(Of::Everybody, Stretch::newest(1000)).await;
        left.reverse();
        left
    }

    /// The made-up ones are no documents of `hearth decide`.
    async fn clear(&self) {
        let mut tx = self.db.write().await.unwrap();
        execute!(tx, "DELETE FROM decisions").unwrap();
        tx.commit().await.unwrap();
    }
}

on_both_databases!(
    what_was_in_force_at_the_limit_of_age_stays_and_with_it_the_newest_of_each_preset,
    |db| async {
        let (record, made) = Record::new(&db, [0, 1, 2, 9]).await;
        let other = world::preset(&db, (record.web.id, record.web.version), "other", 1).await;
        let lonely = record.decided(other, true, 3).await;
        // At minute 5 the third was in force; the first two had been followed by then.
        assert_eq!(record.forget_before(5, 1).await, 1);
        assert_eq!(record.left().await, [made[1], made[2], lonely, made[3]]);
        assert_eq!(record.forget_before(5, 10).await, 1);
        assert_eq!(record.forget_before(5, 10).await, 0);
        assert_eq!(record.left().await, [made[2], lonely, made[3]]);
        assert_eq!(record.forget_before(1000, 10).await, 1);
        assert_eq!(record.left().await, [lonely, made[3]]);
        record.clear().await;
    }
);

on_both_databases!(of_each_preset_the_newest_so_many_are_kept, |db| async {
    let (record, made) = Record::new(&db, 0..5).await;
    let other = world::preset(&db, (record.web.id, record.web.version), "other", 1).await;
    let lonely = record.decided(other, true, 0).await;
    let mut tx = db.write().await.unwrap();
    assert_eq!(decisions::keep_newest(&mut tx, record.small, 5).await.unwrap(), 0);
    assert_eq!(decisions::keep_newest(&mut tx, record.small, 2).await.unwrap(), 3);
    assert_eq!(decisions::keep_newest(&mut tx, record.small, 0).await.unwrap(), 1);
    assert_eq!(decisions::keep_newest(&mut tx, other, 1).await.unwrap(), 0);
    tx.commit().await.unwrap();
    assert_eq!(record.left().await, [lonely, made[4]]);
    record.clear().await;
});

on_both_databases!(the_record_of_a_pool_goes_on_with_the_next_version, |db| async {
    let (record, made) = Record::new(&db, [0, 1]).await;
    let v2 = world::version(&db, record.web.id, "v2").await;
    let next = world::preset(&db, (record.web.id, v2), "small", 1).await;
    // What is left of the old version is removed, while the new one governs.
    let drained = record.decided(record.small, false, 2).await;
    let new = record.decided(next, true, 2).await;
    let pool = record.pool();
    let all = record.list(Of::Pool(&pool), Stretch::newest(10)).await;
    assert_eq!(all, [new, made[1], made[0]]);
    assert_eq!(record.list(Of::Preset(record.small), Stretch::newest(10)).await, [drained, made[1], made[0]]);
    assert_eq!(record.list(Of::Template("WEB"), Stretch::newest(10)).await.len(), 4);
    assert!(record.list(Of::Template("none"), Stretch::newest(10)).await.is_empty());

    let newest = Stretch::newest(2);
    let then = Stretch { to: minutes(1).into(), ..newest };
    assert_eq!(record.list(Of::Pool(&pool), then).await, [made[1], made[0]]);
    let since = Stretch { from: minutes(1).into(), ..newest };
    assert_eq!(record.list(Of::Pool(&pool), since).await, [new, made[1]]);
    let mut conn = db.read().await.unwrap();
    let last = decisions::by_id(&mut conn, made[1]).await.unwrap().unwrap();
    assert_eq!(last.version_name, "v1");
    let rest = Stretch { before: last.place(), ..newest };
    assert_eq!(record.list(Of::Pool(&pool), rest).await, [made[0]]);
    assert_eq!(decisions::following(&mut conn, &pool, last.place()).await.unwrap(), Some(new));
    let first = decisions::by_id(&mut conn, new).await.unwrap().unwrap();
    assert_eq!(decisions::following(&mut conn, &pool, first.place()).await.unwrap(), None);
    drop(conn);
    record.clear().await;
});
