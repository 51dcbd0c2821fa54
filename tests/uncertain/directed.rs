//! Small files with one idea each.

use serde_json::{Value, json};
use wherefore::db::{AsOf, Batch, Db, Snapshot};
use wherefore::export::Record;
use wherefore::import::{self, Format};
use wherefore::model::comparison::Moment;
use wherefore::model::time::Instant;

use super::{ask, findings};
use crate::ground::ground;

const WORLD: &str = "\
scenario: small
as_of: 2025-01-01T00:00:00Z
home: FR
subjects: [{id: ana}, {id: leo}]
categories: [{id: contact}]
fields: [{id: email, category: contact}]
processors: [{id: shop, kind: controller}, {id: lab, kind: controller}, {id: cloud, kind: controller}]
purposes: [{id: orders}]
";
const RULES: &str = "rules: [{id: auth, check: authorized, clause: C, severity: error}, \
                     {id: gone, check: deletion-effective, clause: C, severity: error}, \
                     {id: held, check: flow-supported, clause: C, severity: error}]";

/// The small world with these events and a contract for the shop until March.
fn world(events: &str) -> String {
    format!(
        "{WORLD}authorizations: [{{id: az, basis: contract, holder: shop, acts: [collect, share], recipients: [lab], \
         fields: [email], purposes: [orders], from: 2024-01-01T00:00:00Z, until: 2024-03-01T00:00:00Z}}]\n\
         events:\n  - {{id: got, at: 2024-01-10T00:00:00Z, act: collect, to: shop, subjects: [ana], fields: [email], purpose: orders}}\n{events}{RULES}\n"
    )
}

fn share(id: &str, at: &str) -> String {
    format!(
        "  - {{id: {id}, at: {at}, act: share, from: shop, to: lab, subjects: [ana], fields: [email], purpose: orders}}\n"
    )
}

fn delete(id: &str, at: &str) -> String {
    format!("  - {{id: {id}, at: {at}, act: delete, by: shop, subjects: [ana], fields: [email]}}\n")
}

fn read(text: &str) -> Snapshot {
    let document = import::read_alone(text, "small.yaml", Format::Yaml)
        .unwrap_or_else(|problems| panic!("{problems:?}\n{text}"));
    Snapshot::of_document(document)
}

fn told(text: &str) -> Vec<(String, String, String)> {
    let word = |finding: &Value, key: &str| finding[key].as_str().unwrap_or_default().to_owned();
    findings(&read(text))
        .iter()
        .map(|finding| {
            (
                word(finding, "event"),
                word(finding, "reason"),
                word(finding, "certainty"),
            )
        })
        .collect()
}

fn row(event: &str, reason: &str, certainty: &str) -> (String, String, String) {
    (event.to_owned(), reason.to_owned(), certainty.to_owned())
}

const FEBRUARY: &str = "{earliest: 2024-02-01T00:00:00Z, latest: 2024-02-20T00:00:00Z}";
const AROUND_MARCH: &str = "{earliest: 2024-02-20T00:00:00Z, latest: 2024-03-10T00:00:00Z}";
const AFTER: &str = "{earliest: 2024-03-01T00:00:00Z, latest: 2024-03-20T00:00:00Z}";

#[test]
fn a_share_around_the_end_of_its_contract_is_possibly_wrong() {
    assert_eq!(told(&world(&share("sent", FEBRUARY))), []);
    assert_eq!(
        told(&world(&share("sent", AFTER))),
        [row("sent", "expired", "definite")]
    );
    assert_eq!(
        told(&world(&share("sent", AROUND_MARCH))),
        [row("sent", "expired", "possible")]
    );
}

#[test]
fn what_one_limit_finds_in_any_case_is_definite_though_another_may_find_it_once_more() {
    let rule = "rules: [{id: kept, check: retention, clause: C, severity: error, \
                limits: [{fields: email, days: 10}, {fields: email, days: 30}]}]";
    let kept = |deleted: &str| told(&world(&delete("gone", deleted)).replace(RULES, rule));
    // In any case after ten days, in some after thirty.
    assert_eq!(
        kept("{earliest: 2024-02-01T00:00:00Z, latest: 2024-02-20T00:00:00Z}"),
        [row("got", "deleted-late", "definite")]
    );
    // After both in any case: each says so.
    assert_eq!(
        kept("{earliest: 2024-02-15T00:00:00Z, latest: 2024-02-20T00:00:00Z}"),
        [
            row("got", "deleted-late", "definite"),
            row("got", "deleted-late", "definite")
        ]
    );
}

#[test]
fn findings_of_two_limits_keep_their_own_instants() {
    let rule = "rules: [{id: kept, check: retention, clause: C, severity: error, \
                limits: [{fields: email, days: 10}, {fields: name, days: 30}]}]";
    let text = world(&delete(
        "gone",
        "{earliest: 2024-03-01T00:00:00Z, latest: 2024-03-20T00:00:00Z}",
    ))
    .replace(
        "{id: email, category: contact}]",
        "{id: email, category: contact}, {id: name, category: contact}]",
    )
    .replace("fields: [email]", "fields: [email, name]");
    let found = findings(&read(&text.replace(RULES, rule)));
    let at: Vec<bool> = found.iter().map(|finding| finding["at"].is_string()).collect();
    assert_eq!(at, [true, true], "{found:#?}");
}

#[test]
fn a_finding_prints_the_bounds_and_where_it_is_so() {
    let snapshot = read(&world(&share("sent", AROUND_MARCH)));
    let found = &findings(&snapshot)[0];
    let zone = snapshot.zone();
    let print = |at: &str| zone.print(Instant::parse(at).expect("an instant"));
    assert_eq!(
        found["at"],
        json!({"earliest": print("2024-02-20T00:00:00Z"), "latest": print("2024-03-10T00:00:00Z")})
    );
    assert_eq!(found["placement"], json!({"sent": print("2024-03-01T00:00:00Z")}));
    let why = found["why"].as_str().expect("a sentence");
    assert!(
        why.contains("between 2024-02-20T") && why.contains("Possible, not certain"),
        "{why}"
    );
}

#[test]
fn order_decides_what_reaches_whom() {
    let asked = json!({"ask": "reach", "field": "email", "to": "lab", "subject": "ana"});
    let verdict = |events: &str| ask(&read(&world(events)), &asked)["verdict"].clone();
    let before = "{earliest: 2024-01-01T00:00:00Z, latest: 2024-01-09T00:00:00Z}";
    let around = "{earliest: 2024-01-05T00:00:00Z, latest: 2024-01-15T00:00:00Z}";
    assert_eq!(verdict(&share("sent", before)), "no");
    assert_eq!(verdict(&share("sent", around)), "possible");
    assert_eq!(verdict(&share("sent", FEBRUARY)), "yes");
    let both = share("sent", FEBRUARY) + &delete("gone", FEBRUARY);
    assert_eq!(verdict(&both), "possible");
    // Deleted before it was got, or after it: only then it is gone when it is sent.
    let after = share("sent", FEBRUARY) + &delete("gone", around);
    assert_eq!(verdict(&after), "possible");
    assert_eq!(
        told(&world(&after)),
        [row("sent", "used-after-deletion", "possible")]
    );
}

#[test]
fn a_possible_answer_prints_its_placement_and_the_steps_their_bounds() {
    let around = "{earliest: 2024-01-05T00:00:00Z, latest: 2024-01-15T00:00:00Z}";
    let asked = json!({"ask": "reach", "field": "email", "to": "lab", "subject": "ana"});
    let answer = ask(&read(&world(&share("sent", around))), &asked);
    assert_eq!(answer["answer"], false);
    assert_eq!(answer["witness"], json!(["got", "sent"]));
    let step = &answer["steps"][1];
    assert!(
        step["at"]["earliest"].is_string() && step["at"]["latest"].is_string(),
        "{step:#}"
    );
    assert_eq!(step["placed"], answer["placement"]["sent"]);
    assert_eq!(answer["reasons"][0]["code"], "uncertain-times");
}

#[test]
fn lists_hold_what_is_sure_and_name_what_is_possible() {
    let around = "{earliest: 2024-01-05T00:00:00Z, latest: 2024-01-15T00:00:00Z}";
    let snapshot = read(&world(&share("sent", around)));
    let answer = ask(
        &snapshot,
        &json!({"ask": "holders", "field": "email", "subject": "ana"}),
    );
    assert_eq!(answer["verdict"], "yes");
    assert_eq!(answer["answer"], json!(["shop"]));
    assert_eq!(answer["possible"], json!(["lab"]));
}

#[test]
fn equal_bounds_are_an_instant() {
    let plain = world(&(share("sent", "2024-03-05T00:00:00Z") + &delete("gone", "2024-02-05T00:00:00Z")));
    let pair = |at: &str| format!("{{earliest: {at}, latest: {at}}}");
    let bounds = world(
        &(share("sent", &pair("2024-03-05T00:00:00Z")) + &delete("gone", &pair("2024-02-05T00:00:00Z"))),
    );
    let bytes = |text: &str| {
        let snapshot = read(text);
        let found = snapshot.findings(None).expect("judged");
        wherefore::report::json::findings(&found.to_vec(), &ground(&snapshot)).to_string()
    };
    // The places of what is stated differ by the columns of the longer text, and nothing else does.
    assert!(!bytes(&plain).contains("certainty") && bytes(&plain).contains("used-after-deletion"));
    assert_eq!(bytes(&plain), bytes(&bounds));
}

#[test]
fn narrower_bounds_add_nothing_that_is_possible_and_take_nothing_that_is_definite() {
    let events = |from: u32, until: u32| {
        let at = format!("{{earliest: 2024-02-{from:02}T00:00:00Z, latest: 2024-02-{until:02}T00:00:00Z}}");
        world(&(share("sent", &at) + &delete("gone", "2024-02-10T00:00:00Z")))
    };
    let said = |text: &str, word: &str| -> Vec<(String, String)> {
        let all = told(text)
            .into_iter()
            .filter(|(_, _, certainty)| certainty == word);
        all.map(|(event, reason, _)| (event, reason)).collect()
    };
    let mut seen = 0;
    for from in 1..20 {
        for until in from + 1..20 {
            let wide = events(from, until);
            for narrow in [events(from, until - 1), events(from + 1, until)] {
                if !narrow.contains("earliest") {
                    continue;
                }
                let definite = said(&wide, "definite");
                let sure = if told(&narrow).iter().any(|(_, _, word)| word.is_empty()) {
                    said(&narrow, "")
                } else {
                    said(&narrow, "definite")
                };
                assert!(definite.iter().all(|one| sure.contains(one)), "{wide}\n{narrow}");
                let any = |text: &str| told(text).into_iter().map(|(event, reason, _)| (event, reason));
                assert!(
                    any(&narrow).all(|one| any(&wide).any(|other| other == one)),
                    "{wide}\n{narrow}"
                );
                seen += 1;
            }
        }
    }
    assert!(seen > 300);
}

#[test]
fn every_format_and_a_store_say_the_same() {
    let text = world(&(share("sent", AROUND_MARCH) + &delete("gone", FEBRUARY)));
    let of_yaml = findings(&read(&text));
    assert!(of_yaml.iter().any(|finding| finding["certainty"] == "possible"));
    let document = import::read_alone(&text, "small.yaml", Format::Yaml).expect("valid");
    let as_of = document.header.as_of;
    let record = Record {
        header: &document.header,
        facts: &document.facts,
    };
    let again = wherefore::export::facts::json(record);
    let lines = wherefore::export::facts::ndjson(record);
    let bare = |mut findings: Vec<Value>| {
        for finding in &mut findings {
            finding.as_object_mut().expect("a map").shift_remove("place");
        }
        findings
    };
    let of_json = import::read_alone(&again, "small.json", Format::Json).expect("valid");
    assert_eq!(
        bare(of_yaml.clone()),
        bare(findings(&Snapshot::of_document(of_json)))
    );
    let of_lines = import::read_alone(&lines, "small.ndjson", Format::Ndjson).expect("valid");
    assert_eq!(
        bare(of_yaml.clone()),
        bare(findings(&Snapshot::of_document(of_lines)))
    );
    let db = Db::in_memory(AsOf::Fixed(as_of)).expect("opened");
    db.commit(Batch::of(document), as_of).expect("committed");
    assert_eq!(bare(of_yaml), bare(findings(&db.snapshot())));
    let acts = db.snapshot().act("gone").expect("read").expect("there");
    assert_eq!(
        acts.0
            .at
            .bounds()
            .map(|(earliest, latest)| (earliest.micros(), latest.micros())),
        Some((1_706_745_600_000_000, 1_708_387_200_000_000))
    );
}

/// More acts at one time than all orders of them could be tried.
fn crowd() -> String {
    let mut events = String::new();
    for number in 0..12 {
        events += &share(&format!("sent-{number}"), AROUND_MARCH);
    }
    events += &delete("gone", AROUND_MARCH);
    events += "  - {id: other, at: 2024-02-05T00:00:00Z, act: share, from: shop, to: lab, subjects: [leo], fields: [email], purpose: orders}\n";
    world(&events)
}

#[test]
fn beyond_the_limit_nothing_is_definite_that_a_time_may_decide() {
    let told = told(&crowd());
    let of = |event: &str| {
        told.iter()
            .filter(|(id, ..)| id.starts_with(event))
            .collect::<Vec<_>>()
    };
    assert!(
        of("sent-")
            .iter()
            .all(|(_, _, certainty)| certainty == "possible"),
        "{told:?}"
    );
    assert!(of("sent-").len() > 20, "{told:?}");
    assert!(
        of("other")
            .iter()
            .all(|(_, _, certainty)| certainty == "definite"),
        "{told:?}"
    );
    assert!(!of("other").is_empty());
}

#[test]
fn beyond_the_limit_an_answer_says_so() {
    let snapshot = read(&crowd());
    let reach = ask(
        &snapshot,
        &json!({"ask": "reach", "field": "email", "to": "lab", "subject": "ana"}),
    );
    assert_eq!(reach["verdict"], "possible");
    assert!(reach["reasons"].to_string().contains("placements-limit"));
    // Whatever the times, nothing goes there.
    let never = ask(
        &snapshot,
        &json!({"ask": "reach", "field": "email", "to": "cloud", "subject": "ana"}),
    );
    assert_eq!(never["verdict"], "no");
    let window = json!({"ask": "reach", "field": "email", "to": "cloud", "subject": "ana", "during": "2024-01-01T00:00:00Z/.."});
    let open = ask(&snapshot, &window);
    assert_eq!(open["verdict"], "unknown");
    assert!(open["reasons"].to_string().contains("gone"), "{open:#}");
}

#[test]
fn possible_findings_count_for_the_fingerprints_of_a_baseline() {
    let prints = |text: &str| {
        let found = findings(&read(text));
        found
            .iter()
            .map(|finding| finding["fingerprints"].clone())
            .collect::<Vec<_>>()
    };
    assert_eq!(
        prints(&world(&share("sent", AROUND_MARCH))),
        prints(&world(&share("sent", AFTER)))
    );
}

#[test]
fn ties_possible_flows_and_standing_acts_mean_what_they_mean_under_each_placement() {
    let verdict = |events: &str, ties: &str| {
        let asked = json!({"ask": "reach", "field": "email", "to": "lab", "subject": "ana", "ties": ties});
        ask(&read(&world(events)), &asked)["verdict"].clone()
    };
    // From the very instant of the collection on.
    let at_once = share(
        "sent",
        "{earliest: 2024-01-10T00:00:00Z, latest: 2024-01-11T00:00:00Z}",
    );
    assert_eq!(verdict(&at_once, "recorded"), "yes");
    assert_eq!(verdict(&at_once, "any"), "yes");
    assert_eq!(verdict(&at_once, "strict"), "possible");
    let maybe = share("sent", FEBRUARY).replace("act: share", "carries: possible, act: share");
    assert_eq!(verdict(&maybe, "recorded"), "possible");
    let until = |end: &str| {
        let export = share("export", &format!("{{from: 2024-01-01T00:00:00Z, until: {end}}}"));
        export
            + &delete(
                "gone",
                "{earliest: 2024-01-05T00:00:00Z, latest: 2024-01-15T00:00:00Z}",
            )
    };
    assert_eq!(verdict(&until("2024-02-01T00:00:00Z"), "recorded"), "yes");
    assert_eq!(verdict(&until("2024-01-10T00:00:00Z"), "recorded"), "no");
}

#[test]
fn a_cohort_is_named_where_all_of_it_is_meant() {
    let text = world(&share("sent", AFTER).replace("[ana]", "[panel]")).replace(
        "fields: [{id: email",
        "cohorts: [{id: panel, members: [ana, leo]}]\nfields: [{id: email",
    );
    let all = findings(&read(&text));
    let of = |reason: &str| {
        all.iter()
            .find(|finding| finding["reason"] == reason)
            .expect("found")
            .clone()
    };
    assert_eq!(of("expired")["subjects"], json!(["panel"]));
    assert_eq!(of("not-held")["subjects"], json!(["leo"]));
    assert!(
        all.iter().all(|finding| finding["certainty"] == "definite"),
        "{all:#?}"
    );
}

#[test]
fn two_states_are_not_compared_where_a_time_is_uncertain() {
    let snapshot = read(&world(&share("sent", FEBRUARY)));
    let moment = Moment {
        as_of: snapshot.as_of(),
        known_at: None,
    };
    let refused = snapshot.compare(moment, moment, None).expect_err("refused");
    assert_eq!(refused.code(), "ASK_UNCERTAIN_TIME");
}

#[test]
fn a_clock_that_may_be_wrong_widens_the_time() {
    let with_skew = |at: &str, skew: &str| {
        let event = share("sent", at);
        world(&event.replace("act: share", &format!("skew: {skew}, act: share")))
    };
    let end = "2024-02-29T23:59:00Z";
    assert_eq!(told(&with_skew(end, "59")), []);
    assert_eq!(told(&with_skew(end, "60")), [row("sent", "expired", "possible")]);
    assert_eq!(told(&with_skew(end, "0")), []);
    assert_eq!(
        told(&with_skew("2024-03-01T00:01:00Z", "60")),
        [row("sent", "expired", "definite")]
    );
    let bounds = "{earliest: 2024-02-29T23:58:00Z, latest: 2024-02-29T23:59:00Z}";
    assert_eq!(
        told(&with_skew(bounds, "60")),
        [row("sent", "expired", "possible")]
    );
    let standing = with_skew("{from: 2024-02-01T00:00:00Z}", "5");
    let problems = import::read_alone(&standing, "small.yaml", Format::Yaml).expect_err("refused");
    assert_eq!(problems[0].code.as_str(), "FACT_SHAPE");
    let of_file = format!(
        "defaults: {{event: {{skew: 60}}}}\n{}",
        world(&share("sent", end))
    );
    assert_eq!(told(&of_file), [row("sent", "expired", "possible")]);
}

#[test]
fn an_example_shows_a_clock_that_knows_the_hour() {
    let text = include_str!("../../examples/small/clock-unsure.yaml");
    assert_eq!(
        told(text),
        [
            row("sent-around", "withdrawn", "possible"),
            row("sent-after", "withdrawn", "definite")
        ]
    );
}

/// An instant in February, so many minutes after the tenth began.
fn minute(number: i64) -> String {
    let start = jiff::Timestamp::from_second(1_707_523_200).expect("an instant");
    (start + jiff::SignedDuration::from_mins(number)).to_string()
}

fn within(from: i64, until: i64) -> String {
    format!("{{earliest: '{}', latest: '{}'}}", minute(from), minute(until))
}

fn flow(id: &str, at: &str, from: &str, to: &str) -> String {
    share(id, at)
        .replace("from: shop", &format!("from: {from}"))
        .replace("to: lab", &format!("to: {to}"))
}

/// One more processor.
fn named(id: &str) -> String {
    format!(", {{id: {id}, kind: controller}}")
}

/// Many processors, each giving to the next, `apart` minutes after the one before it began, for ten minutes.
fn chain(length: i64, apart: i64) -> String {
    let mut events = String::new();
    let mut names = String::new();
    for step in 0..length {
        let giver = if step == 0 {
            "shop".to_owned()
        } else {
            format!("p{step}")
        };
        let at = within(step * apart, step * apart + 10);
        events += &flow(&format!("sent-{step}"), &at, &giver, &format!("p{}", step + 1));
        names += &named(&format!("p{}", step + 1));
    }
    world(&events).replace(
        "{id: cloud, kind: controller}",
        &format!("{{id: cloud, kind: controller}}{names}"),
    )
}

#[test]
fn flows_that_wait_for_each_other_are_decided_however_many_they_are() {
    // The next may begin at the very instant at which the one before it has ended at the latest.
    for apart in [10, 11] {
        let snapshot = read(&chain(100, apart));
        let asked = json!({"ask": "reach", "field": "email", "to": "p100", "subject": "ana"});
        let answer = ask(&snapshot, &asked);
        assert_eq!(answer["verdict"], "yes", "{answer:#}");
        assert!(
            !answer["reasons"].to_string().contains("placements-limit"),
            "{answer:#}"
        );
        let found = findings(&snapshot);
        assert!(found.len() >= 99, "{}", found.len());
        assert!(
            found.iter().all(|finding| finding["certainty"] == "definite"),
            "{apart}"
        );
        assert!(
            found.iter().all(|finding| finding["reason"] != "not-held"),
            "{apart}"
        );
    }
}

#[test]
fn of_two_flows_at_one_instant_the_later_on_record_comes_later() {
    let events = |first: &str, second: &str| world(&format!("{first}{second}"));
    let gives = flow("gives", &within(0, 10), "shop", "lab");
    let passes = flow("passes", &within(10, 20), "lab", "cloud");
    let asked = json!({"ask": "reach", "field": "email", "to": "cloud", "subject": "ana"});
    assert_eq!(ask(&read(&events(&gives, &passes)), &asked)["verdict"], "yes");
    assert_eq!(
        ask(&read(&events(&passes, &gives)), &asked)["verdict"],
        "possible"
    );
}

#[test]
fn what_meets_nothing_else_is_not_placed_against_it() {
    // Twenty pairs that overlap, each about holdings of its own; only one of them is asked about.
    let mut events = String::new();
    let mut names = String::new();
    for pair in 0..20 {
        events += &flow(&format!("a{pair}"), &within(0, 10), "shop", &format!("lab{pair}"));
        events += &flow(
            &format!("b{pair}"),
            &within(5, 15),
            &format!("lab{pair}"),
            &format!("cloud{pair}"),
        );
        names += &(named(&format!("lab{pair}")) + &named(&format!("cloud{pair}")));
    }
    let text = world(&events).replace(
        "{id: cloud, kind: controller}",
        &format!("{{id: cloud, kind: controller}}{names}"),
    );
    let asked = json!({"ask": "reach", "field": "email", "to": "cloud3", "subject": "ana"});
    let answer = ask(&read(&text), &asked);
    assert_eq!(answer["verdict"], "possible");
    let asked = json!({"ask": "reach", "field": "email", "to": "lab3", "subject": "ana"});
    assert_eq!(ask(&read(&text), &asked)["verdict"], "yes");
}

/// The same two flows again and again, the second beginning before the first has ended.
fn again(times: i64, more: &str) -> String {
    let mut events = String::new();
    for turn in 0..times {
        events += &flow(
            &format!("a{turn}"),
            &within(turn * 60, turn * 60 + 10),
            "shop",
            "lab",
        );
        events += &flow(
            &format!("b{turn}"),
            &within(turn * 60 + 5, turn * 60 + 15),
            "lab",
            "cloud",
        );
    }
    world(&(events + more))
}

#[test]
fn beyond_the_limit_a_yes_is_shown_by_what_is_there_before_and_stays() {
    let asked = json!({"ask": "reach", "field": "email", "to": "cloud", "subject": "ana"});
    let answer = ask(&read(&again(20, "")), &asked);
    assert_eq!(answer["verdict"], "yes", "{answer:#}");
    // The first of them may have come too early; each later one had what came before.
    assert_eq!(answer["possible"], json!(["b0"]));
    // Something ends in each of the bounds: it may have been gone when it was passed on.
    let ends: String = (0..20)
        .map(|turn| {
            delete(&format!("gone{turn}"), &format!("'{}'", minute(turn * 60 + 9)))
                .replace("by: shop", "by: lab")
        })
        .collect();
    let answer = ask(&read(&again(20, &ends)), &asked);
    assert_eq!(answer["verdict"], "possible", "{answer:#}");
}

#[test]
fn what_is_looked_for_beside_the_findings_is_looked_for_once() {
    let snapshot = read(&world(&share("sent", AFTER)));
    let mut times = 0;
    for _ in 0..3 {
        let found = snapshot
            .findings_and_more(None, |sure| {
                times += 1;
                Ok(sure.iter().map(|finding| (**finding).clone()).collect())
            })
            .expect("judged");
        assert_eq!(found.len(), 2);
        assert_eq!(snapshot.findings(None).expect("judged").len(), 1);
    }
    assert_eq!(times, 1);
}

#[test]
fn at_the_end_of_a_standing_act_it_is_too_late_whatever_the_order_of_the_record() {
    let export = flow(
        "export",
        "{from: 2024-02-01T00:00:00Z, until: 2024-02-10T00:10:00Z}",
        "lab",
        "cloud",
    );
    let gives = flow("gives", &within(0, 10), "shop", "lab");
    let asked = json!({"ask": "reach", "field": "email", "to": "cloud", "subject": "ana"});
    for events in [format!("{gives}{export}"), format!("{export}{gives}")] {
        assert_eq!(
            ask(&read(&world(&events)), &asked)["verdict"],
            "possible",
            "{events}"
        );
    }
}
