//! `--explain`: one finding in full.

use super::{DEMO, check, json, list, text};

#[test]
fn every_finding_can_be_explained_with_its_places() {
    let found = json(&check(&[DEMO, "--format", "json"]).out);
    for finding in list(&found["findings"]).iter().step_by(5) {
        for print in list(&finding["fingerprints"]) {
            let run = check(&[DEMO, "--explain", text(print)]);
            assert_eq!(run.code, 0, "{}", run.err);
            let head = format!("{} {}", text(&finding["id"]), text(&finding["severity"]));
            assert!(run.out.contains(&head), "{head} is not in\n{}", run.out);
            assert!(run.out.contains(text(&finding["why"])));
            for act in finding.get("witness").map(list).unwrap_or_default() {
                assert!(run.out.contains(&format!("{}: ", text(act))), "{act}");
            }
        }
    }
}

#[test]
fn acts_and_deciding_facts_come_with_line_and_column() {
    let found = json(&check(&[DEMO, "--format", "json"]).out);
    let finding = list(&found["findings"])
        .iter()
        .find(|finding| finding["event"] == "newco-mailing")
        .unwrap();
    let run = check(&[DEMO, "--explain", text(&finding["fingerprints"][0])]);
    let demo = std::fs::read_to_string(DEMO).unwrap();
    let line = |id: &str| {
        1 + demo
            .lines()
            .position(|line| line.contains(&format!("- {{id: {id},")))
            .unwrap()
    };
    for id in [
        "reg-lin",
        "succession",
        "newco-mailing",
        "az-register",
        "successor-purpose",
    ] {
        let place = format!("{DEMO}:{}:5", line(id));
        assert!(run.out.contains(&place), "{id} at {place} is not in\n{}", run.out);
    }
    assert!(run.out.contains("because: az-register, in authorizations, "));
}

#[test]
fn an_unknown_fingerprint_is_told_with_a_hint() {
    let run = check(&[DEMO, "--explain", "0123"]);
    assert_eq!(run.code, 2);
    assert_eq!(run.out, "");
    assert!(run.err.contains("CLI_NO_FINGERPRINT") && run.err.contains("32 hexadecimal digits"));
}
