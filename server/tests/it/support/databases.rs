//! A fresh, migrated database of each kind for every test.
//!
//! PostgreSQL: `HEARTH_TEST_POSTGRES` names a server on which databases may be made, as `cargo xtask test` starts one.

use std::time::Duration;

use hearth_server::store::Db;
use sqlx::{Connection, Executor, PgConnection};
use tokio::sync::OnceCell;

/// A SQLite file that lives as long as the guard.
pub async fn sqlite() -> (Db, tempfile::TempDir) {
    let folder = tempfile::tempdir().unwrap();
    (Db::open_sqlite(&folder.path().join("hearth.db")).await.unwrap(), folder)
}

/// An empty database of its own, copied from one that was migrated once.
pub async fn postgres() -> Db {
    Db::open_postgres(&postgres_url().await).await.unwrap()
}

pub async fn postgres_url() -> String {
    let server = std::env::var("HEARTH_TEST_POSTGRES").expect(
        "HEARTH_TEST_POSTGRES is not set: run `cargo xtask test`, which starts a PostgreSQL of its own",
    );
    static TEMPLATE: OnceCell<String> = OnceCell::const_new();
    let template = TEMPLATE.get_or_init(|| make_template(&server)).await;
    let name = format!("hearth_test_{}", uuid::Uuid::new_v4().simple());
    let mut admin = PgConnection::connect(&format!("{server}/postgres")).await.unwrap();
    let statement = format!("CREATE DATABASE {name} TEMPLATE {template}");
    admin.execute(sqlx::AssertSqlSafe(statement)).await.unwrap();
    format!("{server}/{name}")
}

/// Each test process migrates one database and closes it, so that it can be copied.
async fn make_template(server: &str) -> String {
    let name = format!("hearth_template_{}", uuid::Uuid::new_v4().simple());
    let mut admin = PgConnection::connect(&format!("{server}/postgres")).await.unwrap();
    admin.execute(sqlx::AssertSqlSafe(format!("CREATE DATABASE {name}"))).await.unwrap();
    let db = Db::open_postgres(&format!("{server}/{name}")).await.unwrap();
    db.close().await;
    tokio::time::sleep(Duration::from_millis(50)).await;
    name
}

/// `on_both_databases!(a_sentence, |db| async move { ... })` makes two tests. In the end every decision is taken again.
#[macro_export]
macro_rules! on_both_databases {
    ($(#[$meta:meta])* $name:ident, |$db:ident| $body:expr) => {
        mod $name {
            #[allow(unused_imports)]
            use super::*;

            async fn check($db: hearth_server::store::Db) {
                let made = $db.clone();
                $body.await;
                $crate::support::replay::every_decision(&made).await;
            }

            $(#[$meta])*
            #[tokio::test]
            async fn on_sqlite() {
                let (db, _folder) = $crate::support::databases::sqlite().await;
                check(db).await;
            }

            $(#[$meta])*
            #[tokio::test]
            async fn on_postgres() {
                check($crate::support::databases::postgres().await).await;
            }
        }
    };
}
