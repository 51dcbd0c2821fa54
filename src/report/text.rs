//! Findings and answers for people at a terminal.

use std::fmt::Write as _;

use super::checked::Checked;
use super::plain;
use crate::model::finding::{Finding, Step};
use crate::model::plural::counted;
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

/// All findings, one block each, then notes, and what `counts` says. Those that are excused take a line or two.
pub fn findings(checked: &Checked<'_>, style: Style) -> String {
    let mut out = String::new();
    for (number, found, standing) in checked.numbered() {
        if standing.is_brief() {
            out.push_str(standing.word());
            out.push_str(&head(number, found, style));
            for excuse in standing.excuses(checked.ground.zone) {
                let _ = writeln!(out, "    suppressed: {}", plain::visible(&excuse));
            }
        } else {
            out.push_str(&finding(number, found, checked.ground.zone, style));
        }
        out.push('\n');
    }
    for found in checked.mended {
        let _ = writeln!(out, "mended: {}", plain::one_line(found));
    }
    for note in checked.notes {
        let _ = writeln!(out, "{}", plain::note(note));
    }
    out.push_str(&super::appendix::text(checked.appendix, checked.ground.zone));
    out.push_str(&counts(checked));
    out
}

/// `56 findings: 45 errors, 11 warnings, 0 notes; 37 clauses violated`, and the same beside a baseline.
pub fn counts(checked: &Checked<'_>) -> String {
    let mut out = if checked.findings.is_empty() {
        "no findings\n".to_owned()
    } else {
        format!(
            "{}: {}, {}, {}; {} violated\n",
            counted(checked.findings.len(), "finding", "findings"),
            counted(checked.count(Severity::Error), "error", "errors"),
            counted(checked.count(Severity::Warning), "warning", "warnings"),
            counted(checked.count(Severity::Note), "note", "notes"),
            counted(checked.clauses().len(), "clause", "clauses"),
        )
    };
    for line in checked.beside() {
        let _ = writeln!(out, "{line}");
    }
    out
}

/// `F01 error ZC-2.1b export-route event share-1 [no-route]`
pub fn head(number: usize, finding: &Finding, style: Style) -> String {
    let certainty = finding
        .certainty
        .map_or_else(String::new, |certainty| format!(" {}", certainty.as_str()));
    format!(
        "F{number:02} {}{certainty} {} {} {} [{}]\n",
        style.severity(finding.severity),
        style.bold(&plain::visible(&finding.clause)),
        plain::visible(finding.rule.as_str()),
        plain::culprit(finding),
        plain::visible(&finding.reason),
    )
}

/// One finding with its chain of acts.
pub fn finding(number: usize, finding: &Finding, zone: &Zone, style: Style) -> String {
    let mut out = head(number, finding, style);
    let _ = writeln!(out, "    {}", plain::visible_first(&finding.sentence));
    for line in plain::beside(finding) {
        let _ = writeln!(out, "    {line}");
    }
    if !finding.because.is_empty() {
        let _ = writeln!(
            out,
            "    because: {}",
            plain::visible(&finding.because.join(", "))
        );
    }
    for (position, step) in (1..).zip(&finding.witness) {
        let _ = writeln!(
            out,
            "    {}",
            style.dim(&format!("{position}. {}", plain::step(step, zone)))
        );
    }
    if let Some(place) = &finding.place {
        let _ = writeln!(
            out,
            "    {}",
            style.dim(&format!("stated in {}", plain::visible(&place.to_string())))
        );
    }
    if let Some(print) = finding.fingerprints.first() {
        let _ = writeln!(out, "    {}", style.dim(&format!("fingerprint {print}")));
    }
    out
}

/// `2. 2022-09-01T09:00:00+08:00  ride-share: share ride-hail → zhima, ride-fulfilment for credit.evaluation`
fn line(position: usize, step: &Step, zone: &Zone) -> String {
    format!("{position}. {}", act(step, zone))
}

/// The same without the number.
pub fn act(step: &Step, zone: &Zone) -> String {
    let when = match (step.standing, step.between) {
        (Some(standing), _) => zone.tell(standing),
        (None, Some(bounds)) => {
            format!(
                "{} (taken to be {})",
                zone.tell_between(bounds),
                zone.print(step.at)
            )
        }
        (None, None) => zone.print(step.at),
    };
    let mut text = format!("{when}  {}: {}", step.act, step.kind);
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
        let _ = writeln!(out, "  {} [{}]", plain::visible(&reason.text), reason.code);
    }
    let mut row = |text: String| {
        let _ = writeln!(out, "  {}", plain::visible(&text));
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
        Found::Rows(rows) => rows
            .iter()
            .for_each(|row| out.push_str(&super::rows::text(row, zone))),
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
