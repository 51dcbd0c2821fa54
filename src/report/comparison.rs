//! What changed between two states, for people at a terminal.

use std::fmt::Write as _;

use crate::model::comparison::{Comparison, Difference, Moment};
use crate::model::finding::Finding;
use crate::model::recorded::RecordTime;
use crate::model::time::Zone;

/// One line for each thing added (`+`) and removed (`-`), in three groups, and a line of counts.
pub fn text(comparison: &Comparison, zone: &Zone) -> String {
    let mut out = format!(
        "from {}\nto   {}\n",
        moment(&comparison.before, zone),
        moment(&comparison.after, zone)
    );
    let copies = |copy: &crate::model::comparison::HeldCopy| {
        format!(
            "{} holds {} of {} since {}, by {} ({})",
            copy.processor,
            copy.field,
            copy.subject,
            zone.print(copy.since),
            copy.via,
            copy.role.as_str()
        )
    };
    group(&mut out, "copies", &comparison.copies, copies);
    group(
        &mut out,
        "authorizations",
        &comparison.authorizations,
        ToString::to_string,
    );
    group(&mut out, "findings", &comparison.findings, |finding: &Finding| {
        format!(
            "{} {} {}: {}",
            zone.print(finding.at),
            finding.rule,
            finding.culprit.as_str(),
            finding.sentence
        )
    });
    if comparison.is_empty() {
        out.push_str("nothing changed\n");
    }
    out
}

fn moment(moment: &Moment, zone: &Zone) -> String {
    let at = zone.print(moment.as_of);
    match moment.known_at {
        None => at,
        Some(RecordTime::At(known)) => format!("{at}, as known at {}", zone.print(known)),
        Some(RecordTime::Number(number)) => format!("{at}, as known at {number}"),
    }
}

fn group<T>(out: &mut String, name: &str, difference: &Difference<T>, line: impl Fn(&T) -> String) {
    if difference.is_empty() {
        return;
    }
    let _ = writeln!(
        out,
        "{name}: {} added, {} removed",
        difference.added.len(),
        difference.removed.len()
    );
    for (sign, list) in [("+", &difference.added), ("-", &difference.removed)] {
        for item in list {
            let _ = writeln!(out, "  {sign} {}", line(item));
        }
    }
}
