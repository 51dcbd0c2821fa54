//! Time limits of requests of which only bounds are known: they count working days and months, which are no lengths of time.

use std::collections::{BTreeMap, BTreeSet};

use jiff::{SignedDuration, Timestamp, civil::Date, tz::TimeZone};
use serde_json::{Value, json};

use super::{Wrong, ask, findings, placement, snapshot};
use crate::documents::dice::Dice;
use crate::oracle::{self, placements};

const FILES: usize = 600;

/// A local time: so many quarters of a day after the midnight with which the first day begins.
fn at(zone: &str, quarters: usize) -> Timestamp {
    let zone = TimeZone::get(zone).expect("a zone");
    let first: Date = "2024-03-07".parse().expect("a day");
    let days = i32::try_from(quarters / 4).expect("few");
    let day = first.saturating_add(jiff::Span::new().days(days));
    let midnight = day.to_zoned(zone).expect("a day begins");
    let hours = 6 * i64::try_from(quarters % 4).expect("few");
    midnight.timestamp() + SignedDuration::from_hours(hours)
}

/// An instant, or bounds of it up to so many quarters of a day apart.
fn known(dice: &mut Dice, zone: &str, from: usize, wide: usize) -> Value {
    let print = |quarters| at(zone, quarters).to_string();
    if wide == 0 {
        return json!(print(from));
    }
    json!({"earliest": print(from), "latest": print(from + 1 + dice.below(wide))})
}

/// A request or two around two weekends, a holiday and a day that is worked, and what is held against their limits.
fn file(dice: &mut Dice) -> (Value, SignedDuration) {
    // Where the clocks change, a day has no four equal quarters: there only one instant is uncertain, hour by hour.
    let (zone, step) = match dice.below(4) {
        0 => ("America/New_York", SignedDuration::from_hours(1)),
        1 => ("Asia/Kolkata", SignedDuration::from_hours(6)),
        2 => ("UTC", SignedDuration::from_hours(6)),
        _ => ("Asia/Shanghai", SignedDuration::from_hours(6)),
    };
    let is_alone = zone == "America/New_York";
    let from = dice.below(16);
    let wide = if dice.below(5) == 0 { 0 } else { 20 };
    let asked = known(dice, zone, from, wide);
    let wide = if wide > 0 && is_alone {
        0
    } else {
        dice.below(3) * 6
    };
    let after = from + dice.below(40);
    let answered = known(dice, zone, after, wide);
    let mut request =
        json!({"id": "rq", "kind": "access", "subject": "ana", "processor": "shop", "at": asked});
    if dice.below(3) > 0 {
        request["answered"] = answered;
        request["outcome"] = json!("done");
    }
    let mut shop = json!({"id": "shop", "kind": "controller"});
    if dice.below(3) == 0 {
        let (from, wide) = (dice.below(60), if is_alone { 0 } else { dice.below(2) * 6 });
        shop["moves"] = json!([{"at": known(dice, zone, from, wide), "inside": "corp"}]);
    }
    let terms = [
        json!({"working_days": 1 + dice.below(6)}),
        json!({"days": dice.below(9)}),
        json!({"months": 1}),
    ];
    let rules: Vec<Value> = (0..=dice.below(2))
        .map(|number| {
            let mut rule = terms[dice.below(3)].clone();
            for (key, value) in [
                ("check", "request-deadline"),
                ("clause", "C"),
                ("severity", "error"),
            ] {
                rule[key] = json!(value);
            }
            rule["id"] = json!(format!("r{number}"));
            if dice.below(3) == 0 {
                rule["only"] = json!({"processors": ["corp"]});
            }
            rule
        })
        .collect();
    let as_of = at(zone, from + dice.below(140));
    let file = json!({
        "scenario": "requests", "as_of": as_of.to_string(), "timezone": zone,
        "calendar": {"holidays": ["2024-03-12"], "extra_workdays": ["2024-03-16"]},
        "subjects": [{"id": "ana"}],
        "processors": [{"id": "corp", "kind": "controller"}, shop],
        "requests": [request],
        "rules": rules,
    });
    (file, step)
}

/// Of each statement, when it is wrong in each of these files.
fn said(plain: &[Value]) -> Vec<BTreeMap<String, Timestamp>> {
    let of = |file: &Value| {
        let found = oracle::findings::findings(file);
        let each = found.iter().flat_map(|finding| {
            let at: Timestamp = finding["at"]
                .as_str()
                .expect("an instant")
                .parse()
                .expect("an instant");
            placements::statements(file, finding)
                .into_iter()
                .map(move |one| (one, at))
        });
        each.collect()
    };
    plain.iter().map(of).collect()
}

#[test]
fn limits_that_count_days_of_the_calendar_are_exact() {
    let mut dice = Dice(411);
    let (mut definite, mut possible, mut wide) = (0, 0, 0);
    let mut wrong = Wrong::default();
    for _ in 0..FILES {
        let (file, step) = file(&mut dice);
        if placements::uncertain(&file).is_empty() {
            continue;
        }
        let of_each = said(&placements::all(&file, step));
        let sets: Vec<BTreeSet<String>> = of_each.iter().map(|one| one.keys().cloned().collect()).collect();
        let (all, any) = placements::all_and_any(&sets);
        let (mut sure, mut maybe) = (BTreeSet::new(), BTreeSet::new());
        for finding in findings(&snapshot(&file)) {
            let statements: Vec<String> = placements::statements(&file, &finding).into_iter().collect();
            let [statement] = &statements[..] else {
                panic!("{finding:#}");
            };
            let instants = of_each.iter().filter_map(|one| one.get(statement));
            let (first, last) = (instants.clone().min(), instants.max());
            let told = |at: &Value| Some(at.as_str()?.parse::<Timestamp>().expect("an instant"));
            let at = &finding["at"];
            let (from, to) = if at.is_object() {
                (told(&at["earliest"]), told(&at["latest"]))
            } else {
                (told(at), told(at))
            };
            wrong.unless((from.as_ref(), to.as_ref()) == (first, last), || {
                format!("since {first:?} to {last:?}: {finding:#} in {file:#}")
            });
            wide += usize::from(from != to);
            if finding["certainty"] == "definite" {
                sure.insert(statement.clone());
            } else {
                let plain = placements::at(&file, &placement(&finding));
                let there = said(&[plain])[0].contains_key(statement);
                wrong.unless(there, || format!("not so there: {finding:#} in {file:#}"));
                maybe.insert(statement.clone());
            }
        }
        let some: BTreeSet<String> = any.difference(&all).cloned().collect();
        wrong.unless((&sure, &maybe) == (&all, &some), || {
            format!("{sure:?} and {maybe:?}, not {all:?} and {some:?} in {file:#}")
        });
        definite += sure.len();
        possible += maybe.len();
    }
    wrong.end();
    println!("{definite} definite, {possible} possible, {wide} between bounds");
    assert!(definite > 100 && possible > 60 && wide > 100);
}

/// A request of an uncertain day to a shop that answers within so many working days, and one that is answered by then.
fn asked_between(earliest: &str, latest: &str, answered: &Value) -> Value {
    json!({
        "scenario": "small", "as_of": "2024-06-01T00:00:00Z", "timezone": "UTC",
        "subjects": [{"id": "ana"}],
        "processors": [{"id": "shop", "kind": "controller"}],
        "requests": [{"id": "rq", "subject": "ana", "processor": "shop", "answered": answered, "outcome": "done",
                      "at": {"earliest": earliest, "latest": latest}}],
        "rules": [{"id": "in-time", "check": "request-deadline", "working_days": 2, "clause": "C", "severity": "error"}],
    })
}

#[test]
fn a_weekend_inside_the_bounds_counts() {
    let told = |file: &Value| -> Vec<Value> {
        let found = findings(&snapshot(file));
        found
            .iter()
            .map(|finding| json!([finding["reason"], finding["certainty"], finding["at"]]))
            .collect()
    };
    // Asked on Thursday or Friday: until the end of Monday, or of Tuesday.
    let (thursday, friday) = ("2024-03-07T08:00:00Z", "2024-03-08T08:00:00Z");
    let on = |day: &str| told(&asked_between(thursday, friday, &json!(day)));
    assert_eq!(on("2024-03-11T20:00:00Z"), [] as [Value; 0]);
    let monday = "2024-03-12T00:00:00Z";
    let print = |at: &str| at.replace('Z', "+00:00");
    assert_eq!(
        on("2024-03-12T20:00:00Z"),
        [json!(["answered-late", "possible", print(monday)])]
    );
    let either = json!({"earliest": print(monday), "latest": print("2024-03-13T00:00:00Z")});
    assert_eq!(
        on("2024-03-13T00:00:00Z"),
        [json!(["answered-late", "definite", either])]
    );
    // The last day of the bounds is a day also where it has only begun: asked before it, it was answered late.
    let to_midnight = asked_between(
        "2024-03-04T08:00:00Z",
        "2024-03-07T00:00:00Z",
        &json!("2024-03-10T00:00:00Z"),
    );
    let late = json!({"earliest": print("2024-03-07T00:00:00Z"), "latest": print("2024-03-09T00:00:00Z")});
    assert_eq!(told(&to_midnight), [json!(["answered-late", "possible", late])]);
    // When it was answered may be uncertain as well.
    let bounds = json!({"earliest": "2024-03-11T20:00:00Z", "latest": "2024-03-12T20:00:00Z"});
    let found = findings(&snapshot(&asked_between(thursday, thursday, &bounds)));
    let [one] = &found[..] else { panic!("{found:#?}") };
    assert_eq!(one["certainty"], "possible");
    let answered = &placement(one)["requests/rq.answered"];
    assert_eq!(answered.to_string(), monday);
}

#[test]
fn bounds_of_more_than_ten_years_leave_it_possible() {
    let answered = json!("2024-03-20T00:00:00Z");
    let found = |earliest: &str| {
        findings(&snapshot(&asked_between(
            earliest,
            "2024-03-11T00:00:00Z",
            &answered,
        )))
    };
    let (short, long) = (found("2015-01-01T00:00:00Z"), found("2010-01-01T00:00:00Z"));
    assert_eq!(short[0]["certainty"], "definite", "{short:#?}");
    assert_eq!(long[0]["certainty"], "possible", "{long:#?}");
    // What looks at no limit is as certain as ever.
    let file = asked_between("2010-01-01T00:00:00Z", "2024-03-11T00:00:00Z", &answered);
    let asked = json!({"ask": "holders", "subject": "ana", "field": "email"});
    let mut with_field = file;
    with_field["fields"] = json!([{"id": "email", "category": "contact"}]);
    with_field["categories"] = json!([{"id": "contact"}]);
    assert_eq!(ask(&snapshot(&with_field), &asked)["verdict"], "no");
}
