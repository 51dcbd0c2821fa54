//! `wherefore check`: judge the facts against their rules.

use std::path::PathBuf;

use clap::{Args, ValueEnum};

use super::baseline;
use super::exit::Exit;
use super::out::{out, outln};
use super::output::{self, Format, Output};
use super::packs::Packs;
use super::source::{self, Failure};
use crate::db::Snapshot;
use crate::model::fact::Suppression;
use crate::model::finding::Finding;
use crate::model::place::Place;
use crate::model::time::Instant;
use crate::model::word::Severity;
use crate::release::{self, Demand};
use crate::report::checked::{Checked, FailOn, Note, RuleInfo};
use crate::report::explain;
use crate::report::text::Style;

/// The least severity that fails a check.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Least {
    /// Errors.
    Error,
    /// Warnings and errors.
    Warning,
    /// Every finding.
    Note,
    /// None: report only.
    Never,
}

/// Judge facts against their rules and print the findings.
///
/// Every finding names the rule and the clause it breaks, since when, the act or fact that is wrong, whose data, the
/// facts that decide it, and the chain of acts that proves it. Exits 0 without findings, 1 with findings, 2 when it
/// could not check. `--fail-on` and `--baseline` say which findings count.
#[derive(Debug, Args)]
pub struct Check {
    /// Fact file: YAML, JSON or NDJSON by its ending; `-` reads standard input.
    facts: Option<PathBuf>,
    /// Judge the facts of this store instead.
    #[arg(long, value_name = "DIR", conflicts_with = "facts")]
    store: Option<PathBuf>,
    /// How to print [default: text].
    #[arg(long, value_enum)]
    format: Option<Format>,
    /// Write a format to a file, beside what is printed; `-` prints it. Can be given several times.
    #[arg(long, value_name = "FORMAT=FILE")]
    output: Vec<Output>,
    /// Of the text, print the line of counts only.
    #[arg(long, short)]
    quiet: bool,
    /// Exit 1 for findings from this severity on.
    #[arg(long, value_enum, default_value = "note", value_name = "SEVERITY")]
    fail_on: Least,
    /// Findings of an earlier check, as `--format json` prints them: those are known and fail nothing.
    #[arg(long, value_name = "FILE")]
    baseline: Option<PathBuf>,
    /// Print everything about the findings of this fingerprint instead, and exit 0.
    #[arg(long, conflicts_with_all = ["format", "output", "quiet", "baseline"])]
    explain: Option<String>,
    #[command(flatten)]
    packs: Packs,
    /// Judge deadlines and standing facts at this instant [default: the file's `as_of`; for a store, now].
    #[arg(long, value_name = "INSTANT", value_parser = source::instant)]
    as_of: Option<Instant>,
    /// Hold suppressions against this instant [default: now].
    #[arg(long, value_name = "INSTANT", value_parser = source::instant)]
    today: Option<Instant>,
}

impl Check {
    /// Runs it.
    pub fn run(self) -> Result<Exit, Failure> {
        let plan = output::plan(self.format, &self.output)?;
        let baseline = self.baseline.as_deref().map(baseline::read).transpose()?;
        let snapshot = source::snapshot(self.facts.as_deref(), self.store.as_deref(), self.as_of)?;
        let snapshot = self.packs.laid_over(snapshot)?;
        let appendix = snapshot.appendix(None)?;
        let suppressions = snapshot.suppressions();
        let today = self.today.unwrap_or_else(source::now);
        let found = release::suppress(&snapshot.findings(None)?, &suppressions, today, snapshot.zone());
        let rules = rules(&snapshot, &found.findings);
        let comparison = baseline.map(|baseline| baseline.compare(&found.findings));
        let notes: Vec<Note> = found
            .unused
            .iter()
            .map(|(suppression, place)| unused(suppression, place))
            .collect();
        let checked = Checked {
            appendix: &appendix,
            findings: &found.findings,
            rules: &rules,
            ground: &source::ground(&snapshot, snapshot.as_of()),
            comparison: comparison.as_ref(),
            suppressed: &found.covering,
            today: (!suppressions.is_empty()).then_some(today),
            horizon: None,
            notes: &notes,
            fail_on: match self.fail_on {
                Least::Error => FailOn::AtLeast(Severity::Error),
                Least::Warning => FailOn::AtLeast(Severity::Warning),
                Least::Note => FailOn::AtLeast(Severity::Note),
                Least::Never => FailOn::Never,
            },
        };
        if checked.rules.is_empty() {
            eprintln!(
                "warning: there are no rules on record, so nothing was judged; name rule packs with --pack (see \
                 `wherefore packs`)"
            );
        }
        if let Some(fingerprint) = &self.explain {
            return explain(&snapshot, &checked, fingerprint);
        }
        for (format, path) in plan.files {
            output::write(
                path,
                &output::render(&checked, format, Style { color: false }, false),
            )?;
        }
        let format = plan.printed.unwrap_or(Format::Text);
        out!(
            "{}",
            output::render(&checked, format, source::style(), self.quiet)
        );
        Ok(if checked.failed() {
            Exit::Findings
        } else {
            Exit::Clean
        })
    }
}

/// The rules on record, and the demands of the check itself that are not met.
fn rules(snapshot: &Snapshot, findings: &[Finding]) -> Vec<RuleInfo> {
    let mut rules: Vec<RuleInfo> = snapshot
        .stated_rules()
        .into_iter()
        .map(|(rule, place)| RuleInfo::of(rule, place))
        .collect();
    for demand in Demand::ALL {
        if findings
            .iter()
            .any(|finding| finding.rule.as_str() == demand.id())
        {
            rules.push(RuleInfo {
                id: demand.id().to_owned(),
                clause: Demand::CLAUSE.to_owned(),
                severity: demand.severity(),
                check: demand.id().to_owned(),
                demand: demand.sentence().to_owned(),
                place: None,
            });
        }
    }
    rules
}

fn unused(suppression: &Suppression, place: &Place) -> Note {
    Note {
        code: "SUPPRESSION_UNUSED",
        text: format!(
            "the suppression `{}` matches no finding; take it out if what it covered was mended",
            suppression.id
        ),
        place: Some(place.clone()),
    }
}

fn explain(snapshot: &Snapshot, checked: &Checked<'_>, fingerprint: &str) -> Result<Exit, Failure> {
    let found = explain::having(checked, fingerprint);
    if found.is_empty() {
        return Err(Failure::Other {
            code: "CLI_NO_FINGERPRINT",
            message: format!(
                "no finding has the fingerprint `{fingerprint}`; they are 32 hexadecimal digits, and `wherefore check` \
                 prints one below each finding"
            ),
        });
    }
    let mut names: Vec<&str> = found
        .iter()
        .flat_map(|(_, finding, _)| &finding.because)
        .map(String::as_str)
        .collect();
    names.sort_unstable();
    names.dedup();
    let facts = snapshot.places(&names)?;
    for named in found {
        outln!("{}", explain::finding(checked, named, &facts, source::style()));
    }
    Ok(Exit::Clean)
}
