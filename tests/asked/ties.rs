//! Clocks that know the day and no more, where an act stands.

use serde_json::{Value, json};

use super::both::Asked;

fn collect(id: &str, to: &str) -> String {
    format!(
        "  - {{id: {id}, at: 2024-02-01T09:00:00+08:00, act: collect, to: {to}, subjects: [ana], fields: [email], purpose: orders}}\n"
    )
}

fn share(id: &str, at: &str, from: &str, to: &str) -> String {
    format!(
        "  - {{id: {id}, at: {at}, act: share, from: {from}, to: {to}, subjects: [ana], fields: [email], purpose: orders}}\n"
    )
}

fn delete(id: &str, by: &str) -> String {
    format!(
        "  - {{id: {id}, at: 2024-03-01T09:00:00+08:00, act: delete, by: {by}, subjects: [ana], fields: [email]}}\n"
    )
}

const SAME: &str = "2024-02-01T09:00:00+08:00";
const LATER: &str = "2024-02-02T09:00:00+08:00";
const STANDING: &str = "{from: 2024-01-01T09:00:00+08:00}";

fn reach(events: &str, to: &str, ties: &str) -> (String, Value) {
    let asked = Asked::of(&format!("\nevents:\n{events}"));
    let answer =
        asked.directly(&json!({"ask": "reach", "field": "email", "to": to, "subject": "ana", "ties": ties}));
    let verdict = answer["verdict"].as_str().expect("a verdict").to_owned();
    (verdict, answer["order"].clone())
}

#[test]
fn what_stands_carries_what_came_in_the_instant() {
    // The bank passes on, the shop collects, and a replica of the shop lies at the bank: in which order is not known.
    let together = share("on", SAME, "bank", "lab")
        + &collect("got", "shop")
        + &share("replica", STANDING, "shop", "bank");
    assert_eq!(reach(&together, "lab", "recorded").0, "no");
    assert_eq!(
        reach(&together, "lab", "any"),
        ("yes".to_owned(), json!("not-proven"))
    );
    assert_eq!(reach(&together, "lab", "strict").0, "no");
    // What the replica brought, at whatever instant, the bank has; a second replica passes it on.
    for ties in ["any", "strict"] {
        let chain = collect("got", "shop")
            + &share("replica", STANDING, "shop", "bank")
            + &share("second", STANDING, "bank", "lab");
        let (verdict, order) = reach(&chain, "lab", ties);
        assert_eq!((verdict.as_str(), order), ("yes", Value::Null), "{ties}");
        let later = share("on", LATER, "bank", "lab")
            + &collect("got", "shop")
            + &share("replica", STANDING, "shop", "bank");
        let (verdict, order) = reach(&later, "lab", ties);
        assert_eq!((verdict.as_str(), order), ("yes", Value::Null), "{ties}");
    }
}

#[test]
fn ends_come_first_and_what_stands_supplies_again() {
    let mirrored = collect("got", "shop")
        + &share("there", STANDING, "shop", "bank")
        + &share("back", STANDING, "bank", "shop");
    let holders = |events: &str, ties: &str| {
        let asked = Asked::of(&format!("\nevents:\n{events}"));
        let at = "2024-03-01T09:00:00+08:00";
        let answer = asked
            .directly(&json!({"ask": "holders", "field": "email", "subject": "ana", "at": at, "ties": ties}));
        answer["answer"].clone()
    };
    let one = mirrored.clone() + &delete("gone", "bank");
    let both = one.clone() + &delete("also", "shop");
    for ties in ["recorded", "any", "strict"] {
        assert_eq!(holders(&one, ties), json!(["bank", "shop"]), "{ties}");
    }
    // One after the other each brings back what the other deleted; at once nothing is left to bring back.
    assert_eq!(holders(&both, "recorded"), json!(["bank", "shop"]));
    assert_eq!(holders(&both, "any"), json!([]));
    assert_eq!(holders(&both, "strict"), json!([]));
}
