//! JUnit XML, the format of test reports: a rule is a test case, passed or failed.
//!
//! A failed case has one `failure` that holds all its findings: the readers in use take one for each case and drop
//! the others. What does not fail the check (known findings, severities below `--fail-on`) is told in `system-out`
//! of a passed case, so that report and exit code agree.

use std::fmt::Write as _;

use super::checked::{Checked, RuleInfo, Standing};
use super::plain;
use crate::model::finding::Finding;

/// The whole report.
pub fn report(checked: &Checked<'_>) -> String {
    let cases: Vec<(bool, String)> = checked.rules.iter().map(|rule| case(checked, rule)).collect();
    let failures = cases.iter().filter(|(failed, _)| *failed).count();
    let counts = format!(r#"tests="{}" failures="{failures}" errors="0""#, cases.len());
    let mut out = String::from("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n");
    let _ = writeln!(out, "<testsuites name=\"wherefore\" {counts}>");
    let _ = writeln!(
        out,
        "  <testsuite name=\"wherefore check\" {counts} skipped=\"0\">"
    );
    for (_, text) in cases {
        out.push_str(&text);
    }
    if !checked.notes.is_empty() {
        let notes: Vec<String> = checked.notes.iter().map(plain::note).collect();
        let _ = writeln!(out, "    <system-out>{}</system-out>", escape(&notes.join("\n")));
    }
    out.push_str("  </testsuite>\n</testsuites>\n");
    out
}

fn case(checked: &Checked<'_>, rule: &RuleInfo) -> (bool, String) {
    let mut failing = String::new();
    let mut tolerated = String::new();
    let mut first: Option<&Finding> = None;
    let mut count = 0_usize;
    for (number, finding, standing) in checked
        .numbered()
        .filter(|(_, found, _)| found.rule.as_str() == rule.id)
    {
        let told = told(checked, number, finding, standing);
        if checked.fails(finding, standing) {
            count += 1;
            first.get_or_insert(finding);
            failing.push_str(&told);
        } else {
            tolerated.push_str(&told);
        }
    }
    let mut out = format!(
        "    <testcase classname=\"{}\" name=\"{}\"",
        attribute(&rule.clause),
        attribute(&rule.id)
    );
    if failing.is_empty() && tolerated.is_empty() {
        out.push_str("/>\n");
        return (false, out);
    }
    out.push_str(">\n");
    if let Some(first) = first {
        let more = match count {
            1 => String::new(),
            _ => format!(" (and {} more)", count - 1),
        };
        let _ = writeln!(
            out,
            "      <failure type=\"{}\" message=\"{}\">{}</failure>",
            attribute(&first.reason),
            attribute(&format!("{}{more}", first.sentence)),
            escape(&failing)
        );
    }
    if !tolerated.is_empty() {
        let _ = writeln!(out, "      <system-out>{}</system-out>", escape(&tolerated));
    }
    out.push_str("    </testcase>\n");
    (count > 0, out)
}

/// A finding in lines: head, place, what its rule says, chain.
fn told(checked: &Checked<'_>, number: usize, finding: &Finding, standing: Standing<'_>) -> String {
    let mut out = format!(
        "F{number:02} {}{} {} [{}]: {}\n",
        standing.word(),
        finding.severity,
        plain::culprit(finding),
        plain::visible(&finding.reason),
        plain::visible(&finding.sentence)
    );
    if let Some(place) = checked.place(finding) {
        let _ = writeln!(out, "  at {}", plain::visible(&place.to_string()));
    }
    for line in plain::beside(finding) {
        let _ = writeln!(out, "  {line}");
    }
    for (position, step) in (1..).zip(&finding.witness) {
        let _ = writeln!(out, "  {position}. {}", plain::step(step, checked.ground.zone));
    }
    out
}

/// For an attribute: on one line, without what XML cannot hold.
fn attribute(text: &str) -> String {
    escape(&plain::visible(text))
}

/// `]]>` may not stand in text, so `>` is escaped too.
fn escape(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\'' => out.push_str("&apos;"),
            c => out.push(c),
        }
    }
    out
}
