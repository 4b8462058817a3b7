//! Verdicts, retries, and late visibility of an account.

use super::*;

#[tokio::test]
async fn a_verdict_lists_what_is_left_and_what_is_unused() {
    let emulator = Emulator::new();
    let account = emulator.account();
    account.verdict(Check::ALL).assert();
    account.fail("DeleteHaVip", "InternalError").add();
    let created = create_in(&emulator, &account).await;
    let verdict = account.verdict([Check::Leaks]);
    assert_eq!(
        (&verdict.failed[..], &verdict.ignored[..]),
        (&[Check::Leaks][..], &[Check::Faults][..])
    );
    assert_eq!(
        (verdict.leaks[0].kind, verdict.leaks[0].call.action),
        ("HAVIP", Some("CreateHaVip"))
    );
    let panic = panic_of(|| verdict.assert());
    let (leak, id) = (&verdict.leaks[0].id, created["RequestId"].as_str().unwrap());
    assert!(
        panic.contains(&format!("HAVIP {leak}, created by call 1: CreateHaVip at ")),
        "{panic}"
    );
    assert!(panic.contains(&format!("({id})\nfaults (ignored): 1 unused rule")), "{panic}");
    account.verdict([]).assert();
}

#[tokio::test]
async fn unexpected_retries_show_the_attempts() {
    let emulator = Emulator::new();
    let account = emulator.account();
    account.freeze_clock();
    account.fail("CreateHaVip", "InternalError").after().times(1).add();
    for _ in 0..2 {
        create_in(&emulator, &account).await;
        account.advance_clock(Duration::from_millis(250)).unwrap();
    }
    let expected = ExpectedRetries::new().attempts(2).gap_ms(100..=250).succeeded(2);
    account.assert_retried("CreateHaVip", expected.clone().duplicates(1));
    account.assert_retried(None, expected.clone().since(1).attempts(1).succeeded(..2));
    let panic = panic_of(|| account.assert_retried("CreateHaVip", expected.duplicates(0)));
    let calls = account.calls();
    let [first, second] = [0, 1].map(|it| (calls[it].request_id(), &calls[it].created()[0]));
    let [_, lines @ ..] = &panic.lines().collect::<Vec<_>>()[..] else { panic!("{panic}") };
    let expected = [
        "  duplicates: expected 0, got 1".to_owned(),
        format!("  attempt 1: InternalError ({}) created {}", first.0, first.1),
        format!("  attempt 2 after 250 ms: OK ({}) created {}", second.0, second.1),
    ];
    assert_eq!(lines, expected);
}

#[tokio::test]
async fn a_created_ha_vip_is_visible_later() {
    let emulator = Emulator::builder().visible_after(ecmock::Settle::Reads(1)).build();
    let account = emulator.account();
    let created = create_in(&emulator, &account).await;
    assert_eq!(account.hidden(), [created["HaVip"]["HaVipId"].as_str().unwrap()]);
    account.set_visible_after(ecmock::Settle::Reads(0));
    assert_eq!(account.hidden(), [""; 0]);
}
