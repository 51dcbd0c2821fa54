//! Documents made to bring the reader down: each is refused or read, in a time that grows as the document does, and
//! without running out of memory.

use std::fmt::Write as _;
use std::time::{Duration, Instant};

use wherefore::import::{self, Format, diagnostic};

use super::marked::{self, small};

/// Time of the processor that this thread has had; the time of day where the system does not tell it.
fn spent(begun: Instant) -> Duration {
    let told = std::fs::read_to_string("/proc/thread-self/schedstat").ok();
    told.and_then(|told| told.split(' ').next()?.parse().ok())
        .map_or_else(|| begun.elapsed(), Duration::from_nanos)
}

/// Codes of the problems; empty if the document is taken.
fn codes(text: &str, format: Format) -> Vec<String> {
    let (taken, problems) = marked::problems(text, format);
    let drawn = diagnostic::draw(&problems, "document", text, false);
    assert!(drawn.len() < 1_000_000, "{} bytes are drawn", drawn.len());
    if taken {
        Vec::new()
    } else {
        problems
            .iter()
            .map(|problem| problem.code.as_str().to_owned())
            .collect()
    }
}

/// A document of this shape is read in a time that grows as the document does. No limit in seconds: a shape four times
/// as large must not take sixteen times as long, whatever else the machine does. One good reading of three is enough, and
/// what is read in no time has not grown.
fn grows_with(size: usize, format: Format, shape: impl Fn(usize) -> String) {
    const NOTHING: Duration = Duration::from_millis(40);
    const TIMES_MOST: u32 = 10;
    let reading = |text: &str| {
        let begun = Instant::now();
        let before = spent(begun);
        let _ = codes(text, format);
        spent(begun).saturating_sub(before)
    };
    let (small, large) = (shape(size / 4), shape(size));
    let grows = || {
        let (of_small, of_large) = (reading(&small), reading(&large));
        of_large < NOTHING.max(of_small * TIMES_MOST)
    };
    assert!(
        grows() || grows() || grows(),
        "{} and {} bytes",
        small.len(),
        large.len()
    );
}

#[test]
fn the_time_to_read_grows_as_the_document() {
    let nested =
        |open: &str, close: &str, depth: usize| format!("{}1{}", open.repeat(depth), close.repeat(depth));
    grows_with(200_000, Format::Yaml, |depth| {
        small(&format!("title: {}", nested("[", "]", depth)))
    });
    grows_with(200_000, Format::Json, |depth| nested("{\"a\":", "}", depth));
    grows_with(200_000, Format::Ndjson, |depth| nested("{\"a\":", "", depth));
    grows_with(2_000, Format::Yaml, stairs);
    grows_with(4_000_000, Format::Yaml, |length| {
        small(&format!("title: {}", "x".repeat(length)))
    });
    grows_with(100_000, Format::Yaml, |count| {
        small(&format!("subjects: [{{id: ana{}}}]", keys(count)))
    });
    grows_with(100_000, Format::Yaml, |count| parents(count, ""));
    grows_with(50_000, Format::Yaml, |count| {
        small(&format!("subjects: [{}]", vec!["{id: ana}"; count].join(",\n")))
    });
    grows_with(30_000, Format::Ndjson, |count| {
        format!(
            "{{\"scenario\": \"s\", \"as_of\": \"2025-01-01T00:00:00Z\"}}\n{}",
            "bad\n".repeat(count)
        )
    });
}

/// Each line further in than the last.
fn stairs(count: usize) -> String {
    (0..count).fold(String::new(), |mut stairs, i| {
        let _ = writeln!(stairs, "{}a:", " ".repeat(i));
        stairs
    })
}

/// Keys that nobody knows.
fn keys(count: usize) -> String {
    (0..count).fold(String::new(), |mut keys, i| {
        let _ = write!(keys, ", k{i}: 1");
        keys
    })
}

/// A category inside the next, and so on.
fn parents(count: usize, last: &str) -> String {
    let mut text = String::from("categories:\n");
    for i in 0..count {
        let _ = writeln!(text, "- {{id: c{i}, parent: c{}}}", i + 1);
    }
    let _ = writeln!(text, "- {{id: c{count}{last}}}");
    small(&text)
}

#[test]
fn aliases_of_aliases_do_not_fill_the_memory() {
    let mut text = String::from("a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n");
    for i in 1..12 {
        let list = vec![format!("*a{}", i - 1); 10].join(", ");
        let _ = writeln!(text, "a{i}: &a{i} [{list}]");
    }
    assert_eq!(codes(&small(&text), Format::Yaml), ["FACT_LIMIT"]);
}

#[test]
fn an_alias_inside_what_it_names() {
    assert_eq!(codes(&small("title: &a [*a]"), Format::Yaml), ["FACT_SYNTAX"]);
}

#[test]
fn nesting_without_end() {
    for depth in [65, 10_000, 200_000] {
        let brackets = format!("{}{}", "[".repeat(depth), "]".repeat(depth));
        let maps = format!("{}1{}", "{\"a\":".repeat(depth), "}".repeat(depth));
        let refused = |text: &str, format: Format| {
            let codes = codes(text, format);
            assert!(codes == ["FACT_LIMIT"] || codes == ["FACT_SYNTAX"], "{codes:?}");
        };
        for nested in [&brackets, &maps] {
            refused(&small(&format!("title: {nested}")), Format::Yaml);
            refused(&format!("{{\"title\": {nested}}}"), Format::Json);
            refused(&format!("{{\"title\": {nested}}}\n"), Format::Ndjson);
        }
        refused(&"[".repeat(depth), Format::Yaml);
        refused(&"[".repeat(depth), Format::Json);
        refused(&"{\"a\":".repeat(depth), Format::Ndjson);
        let _ = Format::guess(&maps);
    }
    assert_eq!(codes(&stairs(2_000), Format::Yaml), ["FACT_LIMIT"]);
    assert_eq!(
        codes(&format!("title:\n  {}x", "- ".repeat(10_000)), Format::Yaml),
        ["FACT_LIMIT"]
    );
}

#[test]
fn a_text_of_ten_million_letters() {
    let long = "x".repeat(10_000_000);
    assert!(codes(&small(&format!("title: {long}")), Format::Yaml).is_empty());
    assert!(codes(&small(&format!("title: \"{long}\"")), Format::Yaml).is_empty());
    let json = |key: &str, value: &str| {
        format!("{{\"scenario\": \"s\", \"as_of\": \"2025-01-01T00:00:00Z\", \"{key}\": \"{value}\"}}")
    };
    assert!(codes(&json("title", &long), Format::Json).is_empty());
    assert!(codes(&json("title", &long), Format::Ndjson).is_empty());
    assert_eq!(codes(&json("timezone", &long), Format::Json), ["FACT_BAD_ZONE"]);
    assert_eq!(
        codes(&json("minor_age", &"9".repeat(10_000_000)), Format::Json),
        ["FACT_BAD_NUMBER"]
    );
}

#[test]
fn a_hundred_thousand_keys_in_one_map() {
    let keys = keys(100_000);
    assert!(codes(&small(&format!("subjects: [{{id: ana{keys}}}]")), Format::Yaml).is_empty());
    let doubled = format!("subjects: [{{id: ana{keys}, k7: 2}}]");
    assert_eq!(
        codes(&small(&doubled), Format::Yaml).last().map(String::as_str),
        Some("FACT_DUPLICATE_KEY")
    );
}

#[test]
fn a_hundred_thousand_parents_one_above_another() {
    let chain = |last: &str| parents(100_000, last);
    assert!(codes(&chain(""), Format::Yaml).is_empty());
    assert_eq!(codes(&chain(", parent: c99999"), Format::Yaml), ["FACT_CYCLE"]);
}

#[test]
fn a_hundred_thousand_problems_are_counted_and_fifty_are_drawn() {
    let text = small(&format!("subjects: [{}]", vec!["{id: ana}"; 50_000].join(",\n")));
    let (_, problems) = marked::problems(&text, Format::Yaml);
    assert_eq!(problems.len(), 49_999);
    assert_eq!(codes(&text, Format::Yaml).len(), 49_999);
    let drawn = diagnostic::draw(&problems, "document", &text, false);
    assert!(
        drawn.ends_with("… and 49949 more problems\n"),
        "{}",
        &drawn[drawn.len() - 80..]
    );
}

#[test]
fn lines_with_too_many_problems_are_not_read_to_the_end() {
    let text = format!(
        "{{\"scenario\": \"s\", \"as_of\": \"2025-01-01T00:00:00Z\"}}\n{}",
        "bad\n".repeat(30_000)
    );
    let codes = codes(&text, Format::Ndjson);
    assert_eq!(codes.len(), 10_002);
    assert_eq!(codes.last().map(String::as_str), Some("FACT_LIMIT"));
}

#[test]
fn instants_at_the_ends_of_time_can_be_printed() {
    let text = "scenario: s\nas_of: 9999-12-30T00:00:00Z\nprocessors: [{id: p, kind: controller}]\nsubjects: [{id: ana}]\n\
                categories: [{id: c}]\nfields: [{id: f, category: c}]\npurposes: [{id: u}]\n\
                events: [{id: e, at: -009999-01-03T00:00:00Z, act: collect, to: p, subjects: [ana], fields: [f], purpose: u}]\n\
                rules:\n  - {id: a, check: authorized, clause: c, severity: note}\n\
                \x20 - {id: r, check: retention, clause: c, severity: note, limits: [{fields: f, days: 1000000}, {fields: f, days: -1000000}]}\n";
    let document =
        import::read_alone(text, "document", Format::Yaml).unwrap_or_else(|problems| panic!("{problems:?}"));
    let snapshot = wherefore::db::Snapshot::of_document(document);
    let findings = snapshot.findings(None).expect("can be judged");
    assert_eq!(findings.len(), 3);
    for finding in findings.iter() {
        assert!(!snapshot.zone().print(finding.at).is_empty());
    }
}
