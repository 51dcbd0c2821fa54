//! Findings and answers for people at a terminal.

use std::fmt::Write as _;

use crate::model::finding::{Culprit, Finding, Step};
use crate::model::question::{Answer, Crossing, Found};
use crate::model::time::Zone;
use crate::model::word::{ActKind, Severity, Verdict};

/// Colors, or none.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Style {
    /// Whether to use terminal colors.
    pub color: bool,
}

impl Style {
    fn paint(self, code: &str, text: &str) -> String {
        if self.color {
            format!("\u{1b}[{code}m{text}\u{1b}[0m")
        } else {
            text.to_owned()
        }
    }

    fn bold(self, text: &str) -> String {
        self.paint("1", text)
    }

    fn dim(self, text: &str) -> String {
        self.paint("2", text)
    }

    fn severity(self, severity: Severity) -> String {
        let code = match severity {
            Severity::Error => "1;31",
            Severity::Warning => "1;33",
            Severity::Note => "1;36",
        };
        self.paint(code, severity.as_str())
    }
}

/// All findings, one block each, and a line that counts them.
pub fn findings(findings: &[Finding], zone: &Zone, style: Style) -> String {
    let mut out = String::new();
    for (number, found) in (1..).zip(findings) {
        out.push_str(&finding(number, found, zone, style));
        out.push('\n');
    }
    out.push_str(&count(findings));
    out
}

/// `56 findings: 45 errors, 11 warnings, 0 notes; 37 clauses`
fn count(findings: &[Finding]) -> String {
    let of = |severity| {
        findings
            .iter()
            .filter(|finding| finding.severity == severity)
            .count()
    };
    let mut clauses: Vec<&str> = findings.iter().map(|finding| finding.clause.as_str()).collect();
    clauses.sort_unstable();
    clauses.dedup();
    if findings.is_empty() {
        return "no findings\n".to_owned();
    }
    format!(
        "{} findings: {} errors, {} warnings, {} notes; {} clauses violated\n",
        findings.len(),
        of(Severity::Error),
        of(Severity::Warning),
        of(Severity::Note),
        clauses.len()
    )
}

/// One finding with its chain of acts.
pub fn finding(number: usize, finding: &Finding, zone: &Zone, style: Style) -> String {
    let mut out = String::new();
    let culprit = match &finding.culprit {
        Culprit::Event(id) => format!("event {id}"),
        Culprit::Fact(name) => format!("fact {name}"),
    };
    let _ = writeln!(
        out,
        "F{number:02} {} {} {} {} [{}]",
        style.severity(finding.severity),
        style.bold(&finding.clause),
        finding.rule,
        culprit,
        finding.reason,
    );
    let _ = writeln!(out, "    {}", finding.sentence);
    if !finding.because.is_empty() {
        let _ = writeln!(out, "    because: {}", finding.because.join(", "));
    }
    for (position, step) in (1..).zip(&finding.witness) {
        let _ = writeln!(out, "    {}", style.dim(&line(position, step, zone)));
    }
    if let Some(place) = &finding.place {
        let _ = writeln!(out, "    {}", style.dim(&format!("stated in {place}")));
    }
    out
}

/// `2. 2022-09-01T09:00:00+08:00  ride-share: share ride-hail → zhima, ride-fulfilment for credit.evaluation`
fn line(position: usize, step: &Step, zone: &Zone) -> String {
    let mut text = format!("{position}. {}  {}: {}", zone.print(step.at), step.act, step.kind);
    if let Some(method) = step.method {
        let _ = write!(text, " ({method})");
    }
    match (&step.actor, &step.recipient) {
        (Some(from), Some(to)) => {
            let _ = write!(text, " {from} → {to}");
        }
        (Some(alone), None) | (None, Some(alone)) => {
            let _ = write!(
                text,
                " {} {alone}",
                if step.kind == ActKind::Collect { "to" } else { "by" }
            );
        }
        (None, None) => {}
    }
    let names = |list: &[crate::model::id::FieldId]| {
        list.iter()
            .map(crate::model::id::FieldId::as_str)
            .collect::<Vec<_>>()
            .join(", ")
    };
    let _ = write!(text, ", {}", names(&step.fields));
    if !step.makes.is_empty() {
        let _ = write!(text, " → {}", names(&step.makes));
    }
    if let Some(purpose) = &step.purpose {
        let _ = write!(text, " for {purpose}");
    }
    if let Some((from, to)) = &step.crossing {
        let _ = write!(text, " (crosses the border: {from} → {to})");
    }
    text
}

/// An answer: the verdict, the reasons, what was found.
pub fn answer(answer: &Answer, zone: &Zone, style: Style) -> String {
    let mut out = String::new();
    let code = match answer.verdict {
        Verdict::Yes => "1;33",
        Verdict::No => "1;32",
        Verdict::Possible | Verdict::Unknown => "1;36",
    };
    let _ = writeln!(out, "{}", style.paint(code, answer.verdict.as_str()));
    for reason in &answer.reasons {
        let _ = writeln!(out, "  {} [{}]", reason.text, reason.code);
    }
    let mut row = |text: String| {
        let _ = writeln!(out, "  {text}");
    };
    match &answer.found {
        Found::Reach(reached) => {
            for (position, step) in (1..).zip(&reached.witness) {
                row(line(position, step, zone));
            }
            let join = |list: &[crate::model::id::FactId]| {
                list.iter()
                    .map(crate::model::id::FactId::as_str)
                    .collect::<Vec<_>>()
                    .join(", ")
            };
            if !reached.arrivals.is_empty() {
                row(format!("arrived by: {}", join(&reached.arrivals)));
            }
            if !reached.contradicted.is_empty() {
                row(format!(
                    "contradicted by the record: {}",
                    join(&reached.contradicted)
                ));
            }
        }
        Found::Holders(holders) => holders.iter().for_each(|holder| row(holder.to_string())),
        Found::Purposes(pairs) => pairs
            .iter()
            .for_each(|(who, why)| row(format!("{who} for {why}"))),
        Found::Downstream(pairs) => pairs
            .iter()
            .for_each(|(who, what)| row(format!("{what} at {who}"))),
        Found::Sources(triples) => {
            for (who, what, act) in triples {
                row(format!("{what}, collected by {who} in {act}"));
            }
        }
        Found::Crossings(crossings) => {
            for (position, crossing) in (1..).zip(crossings) {
                row(crossing_line(position, crossing, zone));
            }
        }
    }
    out
}

fn crossing_line(position: usize, crossing: &Crossing, zone: &Zone) -> String {
    match crossing {
        Crossing::Act { step, mechanisms } => {
            let route = match (&step.recipient, mechanisms.as_slice()) {
                (None, _) => "stored abroad".to_owned(),
                (Some(_), []) => "no valid mechanism".to_owned(),
                (Some(_), list) => {
                    let names: Vec<&str> = list.iter().map(crate::model::id::FactId::as_str).collect();
                    format!("under {}", names.join(", "))
                }
            };
            format!("{}; {route}", line(position, step, zone))
        }
        Crossing::Move {
            processor,
            country,
            at,
            fields,
        } => {
            let names: Vec<&str> = fields.iter().map(crate::model::id::FieldId::as_str).collect();
            format!(
                "{position}. {}  move:{processor}:{country}: {processor} moved with {} in hand",
                zone.print(*at),
                names.join(", ")
            )
        }
    }
}
