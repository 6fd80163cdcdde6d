use hearth_prebuilds::ids::SYSTEM_USER;
use hearth_server::{execute, one};

use crate::on_both_databases;

on_both_databases!(the_system_user_is_in_the_first_migration, |db| async {
    let (username, is_system): (String, bool) = one!(
        db.read().await.unwrap(),
        (String, bool),
        "SELECT username, is_system FROM users WHERE id = $1",
        SYSTEM_USER.0
    )
    .unwrap();
    assert_eq!((username.as_str(), is_system), ("prebuilds", true));
});

on_both_databases!(a_transaction_that_the_database_ended_by_itself_blocks_nobody, |db| async {
    let mut tx = db.write().await.unwrap();
    // As SQLite does when the disk is full.
    execute!(tx, "ROLLBACK").unwrap();
    drop(tx);
    let mut tx = db.write().await.unwrap();
    execute!(tx, "UPDATE users SET name = 'Prebuilds'").unwrap();
    tx.commit().await.unwrap();
});
