use hearth_prebuilds::{
    decide,
    pool_state::{PoolState, WorkspaceStage},
    snapshot::{GlobalPause, PresetHealth, Settings},
    stage::{BuildStatus::*, Transition::*, WorkspaceFacts},
};
use pretty_assertions::assert_eq;

use crate::preset::{NOT_READY, Preset, READY, at, now, preset};

#[test]
fn a_pool_has_exactly_one_state_the_first_that_holds() {
    let pool = || preset().wanting(2).running("a", "08:00", READY);
    let limited = || pool().failed_build("06:00").failed_build("06:10").failed_build("06:20");
    let table: [(&str, Preset, PoolState); 16] = [
        ("a pause before everything", limited().paused(), PoolState::Paused),
        ("a pause even when retired", limited().inactive().paused(), PoolState::Paused),
        ("the limit before emptiness", limited(), PoolState::HardLimited { failures: 3 }),
        (
            "a missing parameter",
            pool().with(|p| p.health = PresetHealth::ValidationFailed),
            PoolState::ValidationFailed,
        ),
        (
            "backing off before emptiness",
            preset().wanting(2).failed_build("08:59:30"),
            PoolState::BackingOff { failures: 1, until: at("09:00:30") },
        ),
        (
            "a failure that holds nothing back is no trouble",
            pool().wanting(1).failed_build("08:59:30"),
            PoolState::Healthy,
        ),
        ("none and none starting", preset().wanting(2), PoolState::Empty),
        ("an expired one does not fill a pool", pool().with(|p| p.ttl_seconds = Some(60)), PoolState::Empty),
        ("some starting", preset().wanting(2).starting(2), PoolState::Filling),
        ("some not ready yet", preset().wanting(1).running("a", "08:00", NOT_READY), PoolState::Filling),
        ("fewer than wanted", pool(), PoolState::Filling),
        ("as many as wanted", pool().wanting(1), PoolState::Healthy),
        (
            "more than wanted",
            pool().running("b", "08:00", READY).wanting(1),
            PoolState::Shrinking { extra: 1 },
        ),
        ("none wanted but one left", pool().wanting(0), PoolState::Shrinking { extra: 1 }),
        ("none wanted for ever", preset(), PoolState::OffHours { next: None }),
        ("not active", limited().inactive(), PoolState::Retired { left: 1 }),
    ];
    for (case, preset, expected) in table {
        let state = PoolState::of(&preset.0, &Settings::default(), &preset.decide(), now());
        assert_eq!(state, expected, "{case}");
        let all = Settings { paused: GlobalPause::Paused(None), ..Settings::default() };
        let decision = decide(&preset.0, &all, now());
        assert_eq!(
            PoolState::of(&preset.0, &all, &decision, now()),
            PoolState::PausedAll,
            "{case}, all paused"
        );
    }
}

#[test]
fn off_hours_say_when_they_end() {
    let pool = preset().scheduled("UTC", &[("* 20 * * *", 3)]);
    let PoolState::OffHours { next: Some(next) } =
        PoolState::of(&pool.0, &Settings::default(), &pool.decide(), now())
    else {
        panic!("not off hours");
    };
    assert_eq!((next.at, next.from, next.to), (at("20:00"), 0, 3));
    let until = pool.overridden(0, "20:30");
    let next = hearth_prebuilds::next_change(&until.0, now()).unwrap();
    assert_eq!((next.at, next.to), (at("20:30"), 3));
}

#[test]
fn a_workspace_is_at_one_stage() {
    let member = WorkspaceFacts {
        deleted: false,
        unclaimed: true,
        expired: false,
        transition: Start,
        is_claim: false,
        status: Succeeded,
        ready: true,
    };
    let owned = WorkspaceFacts { unclaimed: false, ..member };
    let claim = WorkspaceFacts { is_claim: true, ..owned };
    let table = [
        (WorkspaceFacts { status: Pending, ..member }, WorkspaceStage::Queued),
        (WorkspaceFacts { status: Running, ..member }, WorkspaceStage::Building),
        (WorkspaceFacts { status: Canceling, ..member }, WorkspaceStage::Building),
        (WorkspaceFacts { status: Failed, ..member }, WorkspaceStage::Failed),
        (WorkspaceFacts { ready: false, ..member }, WorkspaceStage::StartingAgent),
        (member, WorkspaceStage::Ready),
        (WorkspaceFacts { expired: true, ..member }, WorkspaceStage::Expired),
        (WorkspaceFacts { expired: true, status: Running, ..member }, WorkspaceStage::Building),
        (WorkspaceFacts { transition: Stop, ..member }, WorkspaceStage::Parked),
        (WorkspaceFacts { transition: Stop, ..owned }, WorkspaceStage::Stopped),
        (WorkspaceFacts { transition: Stop, status: Pending, ..owned }, WorkspaceStage::Stopping),
        (WorkspaceFacts { transition: Stop, status: Failed, ..owned }, WorkspaceStage::Failed),
        (WorkspaceFacts { status: Pending, ready: false, ..claim }, WorkspaceStage::Claimed),
        (WorkspaceFacts { status: Running, ready: false, ..claim }, WorkspaceStage::Reapplying),
        (WorkspaceFacts { status: Running, ..claim }, WorkspaceStage::Yours),
        (WorkspaceFacts { ready: false, ..claim }, WorkspaceStage::Reinitializing),
        (claim, WorkspaceStage::Yours),
        (WorkspaceFacts { status: Canceled, ..claim }, WorkspaceStage::Failed),
        (WorkspaceFacts { ready: false, ..owned }, WorkspaceStage::StartingAgent),
        (owned, WorkspaceStage::Yours),
        (WorkspaceFacts { transition: Delete, status: Running, ..owned }, WorkspaceStage::Deleting),
        (WorkspaceFacts { transition: Delete, status: Failed, ..owned }, WorkspaceStage::Failed),
        (WorkspaceFacts { transition: Delete, ..owned }, WorkspaceStage::Deleted),
        (WorkspaceFacts { deleted: true, status: Canceled, ..member }, WorkspaceStage::Deleted),
    ];
    for (facts, expected) in table {
        assert_eq!(WorkspaceStage::of(&facts), expected, "{facts:?}");
    }
}
