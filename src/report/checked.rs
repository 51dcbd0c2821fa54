//! A finished check: what every output format is made from.

use std::sync::Arc;

use super::baseline::Comparison;
use super::json::Ground;
use crate::model::appendix::Appendix;
use crate::model::fact::Suppression;
pub use crate::model::finding::FailOn;
use crate::model::finding::Finding;
use crate::model::place::Place;
use crate::model::rule::{About, Rule};
use crate::model::time::Instant;
use crate::model::word::Severity;

/// A rule as reports tell it: one of the facts or of a pack, or a demand that the check itself makes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RuleInfo {
    /// Its name in findings.
    pub id: String,
    /// The clause it stands for.
    pub clause: String,
    /// How bad its findings are.
    pub severity: Severity,
    /// The kind of check.
    pub check: String,
    /// What must hold, in one sentence.
    pub demand: String,
    /// Where it stands; a demand of the check itself stands nowhere.
    pub place: Option<Place>,
    /// What it says beside.
    pub about: Arc<About>,
}

impl RuleInfo {
    /// Of a rule on record.
    pub fn of(rule: &Rule, place: &Place) -> Self {
        Self {
            id: rule.id.to_string(),
            clause: rule.clause.clone(),
            severity: rule.severity,
            check: rule.check.name().to_owned(),
            demand: rule.check.demand().to_owned(),
            place: Some(place.clone()),
            about: Arc::clone(&rule.about),
        }
    }
}

/// Something that a reader should know and that fails nothing.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Note {
    /// Stable code.
    pub code: &'static str,
    /// One sentence.
    pub text: String,
    /// Where to look.
    pub place: Option<Place>,
}

/// What keeps a finding from failing the check, if anything does.
#[derive(Clone, Copy, Debug, Default)]
pub struct Standing<'a> {
    /// It stood in the baseline.
    pub is_known: bool,
    /// The suppressions in force that cover it.
    pub suppressed: &'a [&'a Suppression],
    /// It begins after the horizon of the check.
    pub is_later: bool,
    /// It rests on acts that only may have carried, and such findings are listed without failing.
    pub is_supposed: bool,
}

impl Standing<'_> {
    /// Whether it fails nothing.
    pub fn is_excused(self) -> bool {
        self.is_known || self.is_later || self.is_supposed || !self.suppressed.is_empty()
    }

    /// Whether it is told in a line or two: nobody has to look at it now. What was asked to be listed is told in full.
    pub fn is_brief(self) -> bool {
        Self {
            is_supposed: false,
            ..self
        }
        .is_excused()
    }

    /// One word and a space before the finding; empty when nothing excuses it.
    pub fn word(self) -> &'static str {
        match self {
            Self { suppressed, .. } if !suppressed.is_empty() => "suppressed ",
            Self { is_known: true, .. } => "known ",
            Self { is_later: true, .. } => "later ",
            _ => "",
        }
    }

    /// `accepted, by ana until 2025-…: …` for each suppression.
    pub fn excuses(self, zone: &crate::model::time::Zone) -> Vec<String> {
        let one =
            |x: &&Suppression| format!("{}, by {} until {}: {}", x.id, x.by, zone.print(x.until), x.why);
        self.suppressed.iter().map(one).collect()
    }
}

/// The findings of one check with all that the formats tell beside them.
#[derive(Clone, Copy, Debug)]
pub struct Checked<'a> {
    /// In their order.
    pub findings: &'a [Finding],
    /// All rules that were judged, in the order of the record.
    pub rules: &'a [RuleInfo],
    /// What rule packs want told beside the findings.
    pub appendix: &'a Appendix,
    /// The state of the facts.
    pub ground: &'a Ground<'a>,
    /// Against an earlier check.
    pub comparison: Option<&'a Comparison>,
    /// For each finding the suppressions in force that cover it; shorter than the findings if there are none.
    pub suppressed: &'a [Vec<&'a Suppression>],
    /// The day on which suppressions were held against their end, when there are any.
    pub today: Option<Instant>,
    /// Findings that begin after this instant fail nothing yet.
    pub horizon: Option<Instant>,
    /// Findings of the state before of which nothing is left.
    pub mended: &'a [Finding],
    /// What else a reader should know.
    pub notes: &'a [Note],
    /// What fails it.
    pub fail_on: FailOn,
    /// Whether findings that rest on acts which only may have carried fail like others.
    pub possible_fails: bool,
}

impl<'a> Checked<'a> {
    /// Every finding with its number, which counts from 1, and what excuses it.
    pub fn numbered(&self) -> impl Iterator<Item = (usize, &'a Finding, Standing<'a>)> + use<'a> {
        let Self {
            comparison,
            suppressed,
            horizon,
            possible_fails,
            ..
        } = *self;
        (1..).zip(self.findings).map(move |(number, finding)| {
            let standing = Standing {
                is_known: comparison.is_some_and(|found| found.known.get(number - 1) == Some(&true)),
                suppressed: suppressed.get(number - 1).map_or(&[], Vec::as_slice),
                is_later: horizon.is_some_and(|end| finding.at > end),
                is_supposed: !possible_fails && !finding.supposes.is_empty(),
            };
            (number, finding, standing)
        })
    }

    /// Whether this finding makes the check fail.
    pub fn fails(&self, finding: &Finding, standing: Standing<'_>) -> bool {
        match self.fail_on {
            FailOn::AtLeast(least) => !standing.is_excused() && finding.severity >= least,
            FailOn::Never => false,
        }
    }

    /// Whether any finding makes the check fail.
    pub fn failed(&self) -> bool {
        self.numbered()
            .any(|(_, finding, standing)| self.fails(finding, standing))
    }

    /// The rule of a finding.
    pub fn rule(&self, finding: &Finding) -> Option<&'a RuleInfo> {
        self.rules.iter().find(|rule| rule.id == finding.rule.as_str())
    }

    /// Where a reader should look: at the act or fact or, when nothing was stated because something is missing, at
    /// the rule that asks for it. Tools drop findings without a place.
    pub fn place(&self, finding: &'a Finding) -> Option<&'a Place> {
        let of_rule = || self.rule(finding).and_then(|rule| rule.place.as_ref());
        finding.place.as_ref().or_else(of_rule)
    }

    /// How many findings have this severity.
    pub fn count(&self, severity: Severity) -> usize {
        let has = |finding: &&Finding| finding.severity == severity;
        self.findings.iter().filter(has).count()
    }

    /// How many findings a suppression covers.
    pub fn suppressed_count(&self) -> usize {
        self.suppressed.iter().filter(|list| !list.is_empty()).count()
    }

    /// How many findings begin after the horizon.
    pub fn later_count(&self) -> usize {
        self.numbered()
            .filter(|(_, _, standing)| standing.is_later)
            .count()
    }

    /// The broken clauses, sorted, each once.
    pub fn clauses(&self) -> Vec<&'a str> {
        let mut clauses: Vec<&str> = self.findings.iter().map(|found| found.clause.as_str()).collect();
        clauses.sort_unstable();
        clauses.dedup();
        clauses
    }

    /// What stands beside the findings, a line each: the baseline, suppressions, the horizon.
    pub fn beside(&self) -> Vec<String> {
        let zone = self.ground.zone;
        let mut lines = Vec::new();
        if let Some(comparison) = self.comparison {
            lines.push(format!(
                "against the baseline: {} new, {} known; {} fingerprints of it are gone",
                comparison.new_count(),
                comparison.known_count(),
                comparison.gone
            ));
        }
        if let Some(today) = self.today {
            let count = self.suppressed_count();
            lines.push(format!("{count} suppressed as of today, {}", zone.print(today)));
        }
        if let Some(horizon) = self.horizon.filter(|_| self.later_count() > 0) {
            let (count, end) = (self.later_count(), zone.print(horizon));
            lines.push(format!(
                "{count} begin after the horizon, {end}, and fail nothing yet"
            ));
        }
        lines
    }
}
