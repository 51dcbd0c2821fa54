//! Identifiers that look like markup, commands or terminal codes stay text in every format.

use std::collections::BTreeSet;
use std::fmt::Write as _;

use pulldown_cmark::{CodeBlockKind, Event, Options, Parser, Tag, html};
use serde_json::{Value, json};

use super::{Run, check_in, list, text};

const NAMES: &[&str] = &[
    "<script>alert(1)</script>",
    "%0A::error file=x::pwned%0a",
    "::error title=a,b:c::x\n::warning::y\r\n::stop-commands::z",
    "a|b`c`|d",
    "##[stop-commands]mine",
    "\"double\" 'single' \\",
    "🙂 日本語 é",
    "ctl\u{1b}[31m\u{0}\u{7}\u{85}\t",
    "[click](https://evil.example) ![x](y) <https://evil.example>",
    "]]><failure/>&amp;&#60;",
    "\u{202e}sdrawkcab\u{2028}",
    "**bold** _it_ ~~no~~ @octocat #1 www.evil.example https://evil.example a@b.example",
    "{{7*7}} ${x} #quot;]; end --> n0",
    "</details></summary><img src=x onerror=y>",
    "```\n# head\n- item\n```",
];

const FILE: &str = "a b%,:#é.json";

fn facts() -> Value {
    let things = |more: Value| -> Vec<Value> {
        NAMES
            .iter()
            .map(|name| {
                let mut map = more.as_object().unwrap().clone();
                map.insert("id".to_owned(), (*name).into());
                map.into()
            })
            .collect()
    };
    let mut events = Vec::new();
    for (number, name) in NAMES.iter().enumerate() {
        let next = NAMES[(number + 1) % NAMES.len()];
        let common = json!({"subjects": [name], "fields": [name], "purpose": name});
        let mut act = |id: &str, hour: usize, more: Value| {
            let mut map = common.as_object().unwrap().clone();
            map.extend(more.as_object().unwrap().clone());
            map.insert("id".to_owned(), id.into());
            map.insert(
                "at".to_owned(),
                format!("2024-02-{:02}T{hour:02}:00:00Z", number + 1).into(),
            );
            events.push(Value::from(map));
        };
        act(&format!("got {name}"), 10, json!({"act": "collect", "to": name}));
        act(name, 11, json!({"act": "share", "from": name, "to": next}));
    }
    json!({
        "scenario": "hostile", "as_of": "2025-01-01T00:00:00Z", "timezone": "UTC", "home": "FR",
        "subjects": things(json!({})),
        "categories": [{"id": "contact"}],
        "fields": things(json!({"category": "contact"})),
        "processors": things(json!({"kind": "controller", "country": "FR"})),
        "purposes": things(json!({})),
        "events": events,
        "rules": [
            {"id": NAMES[2], "check": "authorized", "clause": NAMES[0], "severity": "error", "when": {"acts": ["collect"]}},
            {"id": NAMES[3], "check": "authorized", "clause": NAMES[13], "severity": "warning"},
        ],
    })
}

fn run(format: &str) -> Run {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join(FILE), facts().to_string()).unwrap();
    let run = check_in(folder.path(), &[FILE, "--format", format]);
    assert_eq!(run.code, 1, "{}", run.err);
    run
}

/// How a name is shown where controls would do harm.
fn shown(name: &str) -> String {
    let mut out = String::new();
    for c in name.chars() {
        if c.is_control() || "\u{202e}\u{2028}".contains(c) {
            let _ = write!(out, "\\u{{{:x}}}", u32::from(c));
        } else {
            out.push(c);
        }
    }
    out.replace("##[", "##\\u{5b}")
}

fn has_all_names(text: &str) {
    for name in NAMES {
        assert!(text.contains(&shown(name)), "{name:?} is not in\n{text}");
    }
}

fn has_no_controls(text: &str) {
    let bad = text
        .chars()
        .find(|c| c.is_control() && *c != '\n' || *c == '\u{202e}' || *c == '\u{2028}');
    assert_eq!(bad, None);
}

#[test]
fn text_sends_nothing_to_the_terminal() {
    let run = run("text");
    has_no_controls(&run.out);
    has_all_names(&run.out);
    assert!(
        !run.out.lines().any(|line| line.trim_start().starts_with("::")),
        "a job would obey"
    );
    assert!(!run.out.contains("##["), "a job would obey");
}

#[test]
fn junit_is_xml_without_foreign_elements() {
    let run = run("junit");
    has_no_controls(&run.out);
    let document = roxmltree::Document::parse(&run.out).unwrap();
    let known = ["testsuites", "testsuite", "testcase", "failure"];
    let mut failures = String::new();
    let mut cases = 0;
    for node in document.descendants().filter(roxmltree::Node::is_element) {
        assert!(known.contains(&node.tag_name().name()), "{node:?}");
        match node.tag_name().name() {
            "failure" => failures.push_str(node.text().unwrap()),
            "testcase" => {
                assert_eq!(node.attribute("name"), Some(shown(NAMES[2 + cases]).as_str()));
                cases += 1;
            }
            _ => {}
        }
    }
    assert_eq!(cases, 2);
    has_all_names(&failures);
}

/// Reads a line as the runner of GitHub Actions does: command, properties, message.
fn command(line: &str) -> (String, Vec<(String, String)>, String) {
    let rest = line.strip_prefix("::").unwrap();
    let (head, message) = rest.split_once("::").unwrap();
    let (name, properties) = head.split_once(' ').unwrap();
    let plain = |text: &str| text.replace("%0D", "\r").replace("%0A", "\n").replace("%25", "%");
    let properties = properties
        .split(',')
        .map(|pair| {
            let (key, value) = pair.split_once('=').unwrap();
            (
                key.to_owned(),
                plain(&value.replace("%3A", ":").replace("%2C", ",")),
            )
        })
        .collect();
    (name.to_owned(), properties, plain(message))
}

#[test]
fn github_sees_one_command_for_each_finding() {
    let run = run("github");
    has_no_controls(&run.out);
    let mut messages = String::new();
    let mut count = 0;
    for line in run.out.lines() {
        let (name, properties, message) = command(line);
        assert!(["error", "warning"].contains(&name.as_str()), "{line}");
        let keys: Vec<&str> = properties.iter().map(|(key, _)| key.as_str()).collect();
        assert_eq!(keys, ["file", "line", "col", "title"]);
        assert_eq!(properties[0].1, FILE);
        let rule = shown(if name == "error" { NAMES[2] } else { NAMES[3] });
        assert!(
            properties[3].1.contains(&rule),
            "{rule} is not in {}",
            properties[3].1
        );
        messages.push_str(&message);
        count += 1;
    }
    assert_eq!(count, 2 * NAMES.len());
    has_all_names(&messages);
}

#[test]
fn gitlab_and_json_are_json_with_the_very_names() {
    let issues: Value = serde_json::from_str(&run("gitlab").out).unwrap();
    let prints: BTreeSet<&str> = list(&issues)
        .iter()
        .map(|issue| text(&issue["fingerprint"]))
        .collect();
    assert_eq!(prints.len(), 2 * NAMES.len(), "fingerprints are unique");
    for issue in list(&issues) {
        assert_eq!(text(&issue["location"]["path"]), FILE);
        assert!(["critical", "minor"].contains(&text(&issue["severity"])));
    }
    let found: Value = serde_json::from_str(&run("json").out).unwrap();
    let events: BTreeSet<&str> = list(&found["findings"])
        .iter()
        .map(|f| text(&f["event"]))
        .collect();
    for name in NAMES {
        assert!(events.contains(name), "{name:?}");
    }
}

#[test]
fn sarif_has_no_links_and_a_real_uri() {
    let run = run("sarif");
    let log: Value = serde_json::from_str(&run.out).unwrap();
    let mut messages = String::new();
    for result in list(&log["runs"][0]["results"]) {
        let message = text(&result["message"]["text"]);
        assert!(!message.contains("]("), "{message}");
        messages.push_str(&message.replace("] (", "]("));
        let uri = text(&result["locations"][0]["physicalLocation"]["artifactLocation"]["uri"]);
        assert_eq!(uri, "a%20b%25,%3A%23%C3%A9.json");
    }
    has_no_controls(&messages);
    has_all_names(&messages);
}

#[test]
fn markdown_shows_names_and_runs_nothing() {
    let run = run("markdown");
    has_no_controls(&run.out);
    let options = Options::ENABLE_TABLES | Options::ENABLE_STRIKETHROUGH | Options::ENABLE_GFM;
    let (mut strong, mut rows, mut cells, mut pictures) = (0, 0, 0, 0);
    let mut told = String::new();
    for event in Parser::new_ext(&run.out, options) {
        match event {
            Event::Start(Tag::Link { .. } | Tag::Image { .. } | Tag::Emphasis | Tag::Strikethrough) => {
                panic!("{event:?}")
            }
            Event::Start(Tag::Strong) => strong += 1,
            Event::Start(Tag::TableRow) => rows += 1,
            Event::Start(Tag::TableCell) => cells += 1,
            Event::Start(Tag::CodeBlock(kind)) => {
                assert_eq!(kind, CodeBlockKind::Fenced("mermaid".into()));
                pictures += 1;
            }
            Event::Html(html) | Event::InlineHtml(html) => {
                let inside = html
                    .trim_end()
                    .replace("<details><summary>", "")
                    .replace("</summary>", "")
                    .replace("</details>", "");
                assert!(!inside.contains(['<', '>']), "{html}");
            }
            Event::Code(_)
            | Event::InlineMath(_)
            | Event::DisplayMath(_)
            | Event::FootnoteReference(_)
            | Event::TaskListMarker(_) => panic!("{event:?}"),
            Event::Text(text) => told.push_str(&text),
            Event::Start(_) | Event::End(_) | Event::SoftBreak | Event::HardBreak | Event::Rule => {}
        }
    }
    assert_eq!(strong, 5, "the number of findings and the last row of counts");
    assert_eq!(rows, 3 + 2 * NAMES.len());
    assert_eq!(
        cells,
        4 + 7 + 3 * 4 + 2 * NAMES.len() * 7,
        "no name opened or closed a cell"
    );
    assert_eq!(pictures, 3);
    has_all_names(&told);
    let mut page = String::new();
    html::push_html(&mut page, Parser::new_ext(&run.out, options));
    for bad in ["<script", "<img", "<a ", "onerror=y>"] {
        assert!(!page.contains(bad), "{bad}");
    }
}

#[test]
fn pictures_have_nothing_but_nodes_arrows_and_coded_labels() {
    let run = run("markdown");
    let mut lines = 0;
    for block in run.out.split("```mermaid\n").skip(1) {
        let (picture, _) = block.split_once("\n```").unwrap();
        let mut picture = picture.lines();
        assert_eq!(picture.next(), Some("flowchart LR"));
        for line in picture {
            let quotes: Vec<&str> = line.split('"').collect();
            assert_eq!(quotes.len(), 3, "one label: {line}");
            let is_node = quotes[0].starts_with("  n") && quotes[0].ends_with('[') && quotes[2] == "]";
            let is_arrow = quotes[0].ends_with(" -->|") && quotes[2].starts_with("| n");
            assert!(is_node || is_arrow, "{line}");
            assert!(
                !quotes[1].contains(['<', '>', '`', '[', ']', '|', '{', '}', '\\', '%']),
                "{line}"
            );
            lines += 1;
        }
    }
    assert!(lines >= 9);
}
