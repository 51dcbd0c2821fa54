//! A finished check: what every output format is made from.

use super::baseline::Comparison;
use super::json::Ground;
use crate::model::appendix::Appendix;
use crate::model::finding::Finding;
use crate::model::place::Place;
use crate::model::rule::Rule;
use crate::model::word::Severity;

/// From which severity on a new finding fails the check.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FailOn {
    /// From this one on.
    AtLeast(Severity),
    /// No finding fails it.
    Never,
}

/// The findings of one check with all that the formats tell beside them.
#[derive(Clone, Copy, Debug)]
pub struct Checked<'a> {
    /// In their order.
    pub findings: &'a [Finding],
    /// All rules that were judged, in the order of the record, each with its place.
    pub rules: &'a [(&'a Rule, &'a Place)],
    /// What rule packs want told beside the findings.
    pub appendix: &'a Appendix,
    /// The state of the facts.
    pub ground: &'a Ground<'a>,
    /// Against an earlier check.
    pub comparison: Option<&'a Comparison>,
    /// What fails it.
    pub fail_on: FailOn,
}

impl<'a> Checked<'a> {
    /// Every finding with its number, which counts from 1, and whether it stood in the baseline.
    pub fn numbered(&self) -> impl Iterator<Item = (usize, &'a Finding, bool)> + use<'a> {
        let comparison = self.comparison;
        (1..).zip(self.findings).map(move |(number, finding)| {
            let known = comparison.is_some_and(|found| found.known.get(number - 1) == Some(&true));
            (number, finding, known)
        })
    }

    /// Whether this finding makes the check fail.
    pub fn fails(&self, finding: &Finding, known: bool) -> bool {
        match self.fail_on {
            FailOn::AtLeast(least) => !known && finding.severity >= least,
            FailOn::Never => false,
        }
    }

    /// Whether any finding makes the check fail.
    pub fn failed(&self) -> bool {
        self.numbered()
            .any(|(_, finding, known)| self.fails(finding, known))
    }

    /// Where a reader should look: at the act or fact or, when nothing was stated because something is missing, at
    /// the rule that asks for it. Tools drop findings without a place.
    pub fn place(&self, finding: &'a Finding) -> Option<&'a Place> {
        let of_rule = || {
            self.rules
                .iter()
                .find(|(rule, _)| rule.id == finding.rule)
                .map(|(_, place)| *place)
        };
        finding.place.as_ref().or_else(of_rule)
    }

    /// How many findings have this severity.
    pub fn count(&self, severity: Severity) -> usize {
        let has = |finding: &&Finding| finding.severity == severity;
        self.findings.iter().filter(has).count()
    }

    /// The broken clauses, sorted, each once.
    pub fn clauses(&self) -> Vec<&'a str> {
        let mut clauses: Vec<&str> = self.findings.iter().map(|found| found.clause.as_str()).collect();
        clauses.sort_unstable();
        clauses.dedup();
        clauses
    }
}
