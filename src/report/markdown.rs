//! A summary in Markdown, for job summaries and merge requests: counts, a table, every chain, and a picture of the
//! first few.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use super::checked::{Checked, Standing};
use super::plain;
use crate::model::finding::{Finding, Step};
use crate::model::plural::counted;
use crate::model::word::{ActKind, Severity};

/// Findings told in full; a job summary of GitHub holds one megabyte.
const MOST_TOLD: usize = 250;

/// Chains drawn as a picture.
const MOST_DRAWN: usize = 3;

/// The whole summary.
pub fn summary(checked: &Checked<'_>) -> String {
    let mut out = String::from("## Wherefore\n\n");
    let zone = checked.ground.zone;
    let as_of = zone.print(checked.ground.as_of);
    if checked.findings.is_empty() {
        let _ = writeln!(
            out,
            "No findings under {}, as of {as_of}.",
            counted(checked.rules.len(), "rule", "rules")
        );
    } else {
        let _ = writeln!(
            out,
            "**{}** {} under {}, as of {as_of}.",
            checked.findings.len(),
            if checked.findings.len() == 1 {
                "finding"
            } else {
                "findings"
            },
            counted(checked.rules.len(), "rule", "rules")
        );
    }
    for line in checked.beside() {
        let mut letters = line.chars();
        let first = letters
            .next()
            .map_or(String::new(), |letter| letter.to_uppercase().to_string());
        let _ = writeln!(out, "\n{first}{}.", letters.as_str());
    }
    for found in checked.mended {
        let _ = writeln!(out, "\nMended: {}", escape(&plain::one_line(found)));
    }
    for note in checked.notes {
        let _ = writeln!(out, "\n{}", escape(&plain::note(note)));
    }
    if checked.findings.is_empty() {
        return out;
    }
    counts(checked, &mut out);
    table(checked, &mut out);
    pictures(checked, &mut out);
    out.push_str("\n### Chains\n");
    for (number, finding, standing) in checked.numbered().take(MOST_TOLD) {
        details(checked, number, finding, standing, &mut out);
    }
    if let Some(more) = checked
        .findings
        .len()
        .checked_sub(MOST_TOLD)
        .filter(|more| *more > 0)
    {
        let _ = writeln!(out, "\nAnd {more} more; the JSON report has them all.");
    }
    out
}

fn counts(checked: &Checked<'_>, out: &mut String) {
    out.push_str("\n| clause | error | warning | note |\n|---|--:|--:|--:|\n");
    let mut clauses: BTreeMap<&str, [usize; 3]> = BTreeMap::new();
    for finding in checked.findings {
        let row = clauses.entry(&finding.clause).or_default();
        let column = match finding.severity {
            Severity::Error => &mut row[0],
            Severity::Warning => &mut row[1],
            Severity::Note => &mut row[2],
        };
        *column += 1;
    }
    for (clause, [errors, warnings, notes]) in clauses {
        let _ = writeln!(out, "| {} | {errors} | {warnings} | {notes} |", escape(clause));
    }
    let _ = writeln!(
        out,
        "| **all** | **{}** | **{}** | **{}** |",
        checked.count(Severity::Error),
        checked.count(Severity::Warning),
        checked.count(Severity::Note)
    );
}

fn table(checked: &Checked<'_>, out: &mut String) {
    out.push_str("\n### Findings\n\n| | severity | clause | rule | reason | what | place |\n|---|---|---|---|---|---|---|\n");
    for (number, finding, standing) in checked.numbered().take(MOST_TOLD) {
        let place = checked
            .place(finding)
            .map_or_else(String::new, ToString::to_string);
        let _ = writeln!(
            out,
            "| F{number:02} | {}{}{} | {} | {} | {} | {} | {} |",
            standing.word(),
            finding.severity,
            finding
                .certainty
                .map_or_else(String::new, |certainty| format!(", {}", certainty.as_str())),
            escape(&finding.clause),
            escape(finding.rule.as_str()),
            escape(&finding.reason),
            escape(&plain::culprit(finding)),
            escape(&place)
        );
    }
}

fn details(
    checked: &Checked<'_>,
    number: usize,
    finding: &Finding,
    standing: Standing<'_>,
    out: &mut String,
) {
    let _ = writeln!(
        out,
        "\n<details><summary>F{number:02} {}{}: {}</summary>\n",
        standing.word().replace(' ', ", "),
        escape(&finding.clause),
        escape(&finding.sentence)
    );
    if let Some(owner) = &finding.owner {
        let _ = writeln!(out, "owner: {}\n", escape(owner.as_str()));
    }
    for (position, step) in (1..).zip(&finding.witness) {
        let _ = writeln!(
            out,
            "{position}. {}",
            escape(&plain::step(step, checked.ground.zone))
        );
    }
    for excuse in standing.excuses(checked.ground.zone) {
        let _ = writeln!(out, "\nSuppressed: {}\n", escape(&excuse));
    }
    if finding.witness.is_empty() {
        out.push_str("No act leads here.\n");
    }
    for line in plain::beside(finding) {
        let _ = writeln!(out, "\n{}", escape(&line));
    }
    if !finding.because.is_empty() {
        let _ = writeln!(out, "\nBecause: {}", escape(&finding.because.join(", ")));
    }
    let _ = writeln!(
        out,
        "\nFingerprints: {}\n\n</details>",
        finding.fingerprints.join(", ")
    );
}

/// Chains of the first findings that have more than one act; known ones are no news.
fn pictures(checked: &Checked<'_>, out: &mut String) {
    let drawn: Vec<(usize, &Finding)> = checked
        .numbered()
        .filter(|(_, finding, standing)| !standing.is_brief() && finding.witness.len() > 1)
        .map(|(number, finding, _)| (number, finding))
        .take(MOST_DRAWN)
        .collect();
    if drawn.is_empty() {
        return;
    }
    out.push_str("\n### The first chains\n");
    for (number, finding) in drawn {
        let _ = writeln!(
            out,
            "\nF{number:02}, {}:\n\n```mermaid\nflowchart LR",
            escape(&finding.clause)
        );
        let mut nodes: Vec<String> = Vec::new();
        for (position, step) in (1..).zip(&finding.witness) {
            let (from, to) = ends(step);
            let from = node(&from, &mut nodes, out);
            let to = node(&to, &mut nodes, out);
            // Not `1.`: Mermaid takes that for the beginning of a list and draws no label.
            let label = label(&format!("({position}) {}: {}", step.kind, step.act));
            let _ = writeln!(out, "  n{from} -->|\"{label}\"| n{to}");
        }
        out.push_str("```\n");
    }
}

/// Between whom an arrow goes. Data collected from nobody in particular comes from its subject; an act of one party
/// goes round.
fn ends(step: &Step) -> (String, String) {
    let name = |id: &Option<crate::model::id::ProcessorId>| id.as_ref().map(ToString::to_string);
    let subject = || {
        let names: Vec<&str> = step
            .subjects
            .iter()
            .map(crate::model::id::SubjectId::as_str)
            .collect();
        names.join(", ")
    };
    let from = name(&step.actor).unwrap_or_else(|| {
        if step.kind == ActKind::Collect {
            subject()
        } else {
            String::new()
        }
    });
    let to = name(&step.recipient).unwrap_or_else(|| from.clone());
    (from, to)
}

/// The number of a node, which is declared on first use. Nodes have numbers because names may be anything.
fn node(name: &str, nodes: &mut Vec<String>, out: &mut String) -> usize {
    if let Some(number) = nodes.iter().position(|known| known == name) {
        return number;
    }
    let _ = writeln!(out, "  n{}[\"{}\"]", nodes.len(), label(name));
    nodes.push(name.to_owned());
    nodes.len() - 1
}

/// A Mermaid label: everything but letters, digits and a few harmless marks becomes `#60;`, Mermaid's way to write a
/// character.
fn label(text: &str) -> String {
    coded(text, "#")
}

/// Text that neither Markdown nor HTML takes for markup: marks become `&#60;`, which both show as the character.
fn escape(text: &str) -> String {
    coded(text, "&#")
}

fn coded(text: &str, sign: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in plain::visible(text).chars() {
        let is_plain = c.is_alphanumeric() || !c.is_ascii() || " -.,()/".contains(c);
        if is_plain {
            out.push(c);
        } else {
            let _ = write!(out, "{sign}{};", u32::from(c));
        }
    }
    // Links need no marks: `www.` alone makes one.
    out.replace("www.", &format!("www{sign}46;"))
}
