//! Judges a state of the facts and reports: what `check` and `diff` have in common.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use clap::{Args, ValueEnum};

use super::baseline;
use super::exit::Exit;
use super::out::{out, outln};
use super::output::{self, Format, Output};
use super::packs::Packs;
use super::project::Settings;
use super::source::{self, Failure};
use crate::db::{AsOf, Db, DbError, Mode, Snapshot};
use crate::model::fact::Suppression;
use crate::model::finding::Finding;
use crate::model::place::Place;
use crate::model::time::Instant;
use crate::model::word::Severity;
use crate::question::AskError;
use crate::release::design::{self, Design, Judged, Look};
use crate::release::horizon::AheadError;
use crate::release::possible::Tell;
use crate::release::{self, Demand, project};
use crate::report::baseline::{Baseline, mended};
use crate::report::checked::{Checked, FailOn, Note, RuleInfo};
use crate::report::explain;
use crate::report::text::Style;
use crate::rules::{self, Case};

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

/// For whom what is declared for everyone is judged.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum People {
    /// For somebody of age.
    Adults,
    /// For somebody of age and for somebody under age.
    All,
}

impl From<People> for Design {
    fn from(people: People) -> Self {
        match people {
            People::Adults => Self::Adults,
            People::All => Self::Everybody,
        }
    }
}

/// How facts are judged and told.
#[derive(Debug, Args)]
pub struct How {
    /// How to print [default: text].
    #[arg(long, value_enum)]
    format: Option<Format>,
    /// Write a format to a file, beside what is printed; `-` prints it. Can be given several times.
    #[arg(long, value_name = "FORMAT=FILE")]
    output: Vec<Output>,
    /// Of the text, print the line of counts only.
    #[arg(long, short)]
    quiet: bool,
    /// Exit 1 for findings from this severity on [default: note].
    #[arg(long, value_enum, value_name = "SEVERITY")]
    fail_on: Option<Least>,
    #[command(flatten)]
    packs: Packs,
    /// Print everything about the findings of this fingerprint instead, and exit 0.
    #[arg(long, conflicts_with_all = ["format", "output", "quiet"])]
    explain: Option<String>,
    /// Judge deadlines and standing facts at this instant [default: the file's `as_of`; for a folder or a store, now].
    #[arg(long, value_name = "INSTANT", value_parser = source::instant)]
    pub as_of: Option<Instant>,
    /// Hold suppressions against this instant [default: now].
    #[arg(long, value_name = "INSTANT", value_parser = source::instant)]
    today: Option<Instant>,
    /// Look ahead this far, such as 90d: judge also the day before, and the day on which, an authorization, an agreement
    /// or a mechanism ends; what begins later fails nothing yet [default: for a folder 90d].
    #[arg(long, value_name = "DAYS", value_parser = days)]
    horizon: Option<i64>,
    /// Judge what is declared for everyone as something that goes on: also at the day of the check and when something
    /// ends before the horizon, for somebody of age or for people of all ages [default: for a folder all].
    #[arg(long, value_enum)]
    people: Option<People>,
    /// Every party that received personal data must have an act of its own on record; one that reports nothing is a
    /// finding.
    #[arg(long)]
    require_complete: bool,
    /// Findings that rest on acts which only may have carried data, such as lineage of whole datasets: note how many, list
    /// them without failing, or list them and fail [default: note].
    #[arg(long, value_enum, value_name = "HOW")]
    possible: Option<Tell>,
    /// Hold what is declared here against the store of what was observed: flows that no declaration covers, and
    /// declarations that nothing has ever used, are findings.
    #[arg(long, value_name = "DIR")]
    observed: Option<PathBuf>,
}

fn days(text: &str) -> Result<i64, String> {
    project::days(text).ok_or_else(|| "write a number of days, such as 90d".to_owned())
}

/// One state of the facts and what was said about judging it.
pub struct State {
    /// The facts.
    pub snapshot: Snapshot,
    /// What the folder says; of a file or store, nothing.
    pub settings: Settings,
}

/// What findings are held against.
pub enum Against<'a> {
    /// Nothing: every finding counts.
    Nothing,
    /// The findings of an earlier check in a file.
    File(&'a Path),
    /// Another state of the facts.
    State(Box<State>),
}

/// Judges, compares and reports.
pub fn run(state: &State, against: &Against<'_>, how: &How) -> Result<Exit, Failure> {
    let state = &held_to_packs(state, how)?;
    let State { snapshot, settings } = state;
    let outputs = outputs(settings, how)?;
    let plan = output::plan(how.format, &outputs)?;
    let look = Look {
        release: snapshot.as_of(),
        days: how.horizon.or(settings.horizon_days),
        design: how.people.map_or(settings.design, Design::from),
    };
    let tell = how.possible.or(settings.possible).unwrap_or_default();
    let mut before = Vec::new();
    let mut now = None;
    let baseline = match against {
        Against::Nothing => match &settings.baseline {
            Some((name, text)) => Some(baseline::of_text(Path::new(name), text)?),
            None => None,
        },
        Against::File(path) => Some(baseline::read(path)?),
        Against::State(base) => {
            let base = held_to_packs(base, how)?;
            let (of_base, of_now) = both(&base, state, how, look, tell)?;
            before = of_base.findings;
            now = Some(of_now);
            Some(Baseline::of(&before))
        }
    };
    let now = match now {
        Some(now) => now,
        None => told(state, how, look, tell, design::judge)?,
    };
    let suppressions = snapshot.suppressions();
    let today = how.today.unwrap_or_else(source::now);
    let Judged {
        findings,
        appendix,
        has_possible,
    } = now;
    let beside = match tell {
        Tell::Note if has_possible => possibly_wrong(&possible(state, how, look, &findings)?),
        Tell::List => listed(&findings),
        Tell::Note | Tell::Fail => None,
    };
    let found = release::suppress(findings, &suppressions, today, snapshot.zone());
    let rules = rules(snapshot, &found.findings);
    let comparison = baseline.map(|baseline| baseline.compare(&found.findings));
    let unused = found
        .unused
        .iter()
        .map(|(suppression, place)| unused(suppression, place));
    let notes: Vec<Note> = unused.chain(beside).collect();
    let checked = Checked {
        appendix: &appendix,
        findings: &found.findings,
        rules: &rules,
        ground: &source::ground(snapshot, snapshot.as_of()),
        comparison: comparison.as_ref(),
        suppressed: &found.covering,
        today: (!suppressions.is_empty()).then_some(today),
        mended: &mended(&before, &found.findings),
        horizon: look.days.map(|days| snapshot.as_of().plus_days(days)),
        notes: &notes,
        fail_on: fail_on(settings, how),
        possible_fails: tell == Tell::Fail,
    };
    if checked.rules.is_empty() {
        if settings.is_gate {
            return Err(Failure::Other {
                code: "CHECK_NO_RULES",
                message: "there are no rules, so nothing can be judged; name rule packs in `packs` or state `rules` in a \
                          fact file"
                    .to_owned(),
            });
        }
        eprintln!(
            "warning: there are no rules on record, so nothing was judged; name rule packs with --pack (see \
             `wherefore packs`)"
        );
    }
    if let Some(fingerprint) = &how.explain {
        return explain(snapshot, &checked, fingerprint);
    }
    for (format, path) in plan.files {
        output::write(
            path,
            &output::render(&checked, format, Style { color: false }, false),
        )?;
    }
    let format = plan.printed.unwrap_or(Format::Text);
    out!("{}", output::render(&checked, format, source::style(), how.quiet));
    Ok(if checked.failed() {
        Exit::Findings
    } else {
        Exit::Clean
    })
}

/// Judges two states. Of states that do not know each other two cores judge both in the time of one; else one waits for
/// what is found in the other.
fn both(base: &State, state: &State, how: &How, look: Look, tell: Tell) -> Result<(Judged, Judged), Failure> {
    let (judge_base, judge): (Judge, Judge) = if state.snapshot.is_kin_of(&base.snapshot) {
        (design::findings_kept, design::judge_kept)
    } else {
        (design::judge, design::judge)
    };
    let (of_base, of_now) = std::thread::scope(|scope| {
        let of_base = scope.spawn(|| told(base, how, look, tell, judge_base));
        let of_now = told(state, how, look, tell, judge);
        (of_base.join(), of_now)
    });
    let of_base = of_base.unwrap_or_else(|panic| std::panic::resume_unwind(panic))?;
    Ok((of_base, of_now?))
}

/// The state, held to the packs of the command line or else to those of the folder.
fn held_to_packs(state: &State, how: &How) -> Result<State, Failure> {
    Ok(State {
        snapshot: how.packs.laid_over(&state.snapshot, &state.settings)?,
        settings: state.settings.clone(),
    })
}

/// All that is found in a state, for the instant of the check and as far ahead as it looks.
fn judged(state: &State, how: &How, look: Look, judge: Judge) -> Result<Judged, Failure> {
    let snapshot = state.snapshot.at(look.release)?;
    let is_complete = how.require_complete || state.settings.require_complete;
    let observed = observed(&state.settings, how)?;
    let demands = Demands {
        is_complete,
        observed: observed.as_ref(),
        judge,
    };
    let is_uncertain = |case: &Case<'_>| snapshot.has_to_place(&case.history);
    // Without a demand of the check itself the judge alone sees to acts of uncertain times.
    if !demands.is_any() || snapshot.with_case(look.release, is_uncertain)? != Some(true) {
        return demands.judge(&snapshot, look);
    }
    let mut has_possible = false;
    let (findings, appendix) = snapshot.in_placements(true, |placed| {
        let judged = demands.judge(placed, look)?;
        has_possible = judged.has_possible;
        Ok::<_, Failure>((judged.findings, judged.appendix))
    })?;
    Ok(Judged {
        findings,
        appendix,
        has_possible,
    })
}

/// All that is told of a state: what is found and, if it is to be listed, what may be.
fn told(state: &State, how: &How, look: Look, tell: Tell, judge: Judge) -> Result<Judged, Failure> {
    let mut judged = judged(state, how, look, judge)?;
    if judged.has_possible && tell != Tell::Note {
        let possible = possible(state, how, look, &judged.findings)?;
        judged.findings.extend(possible);
        rules::sort(&mut judged.findings);
    }
    Ok(judged)
}

/// What a check demands beside the rules.
struct Demands<'a> {
    is_complete: bool,
    observed: Option<&'a Snapshot>,
    judge: Judge,
}

/// How a state is judged: from nothing, or from what is kept.
type Judge = fn(&Snapshot, Look) -> Result<Judged, AheadError>;

impl Demands<'_> {
    fn is_any(&self) -> bool {
        self.is_complete || self.observed.is_some()
    }

    fn judge(&self, snapshot: &Snapshot, look: Look) -> Result<Judged, Failure> {
        let as_of = look.release;
        let Judged {
            findings: mut all,
            appendix,
            has_possible,
        } = (self.judge)(snapshot, look)?;
        if self.is_complete {
            all.extend(snapshot.with_case(as_of, release::silent)?.unwrap_or_default());
        }
        if let Some(observed) = self.observed {
            let drift = snapshot.with_case(as_of, |declared| {
                observed.with_case(as_of, |observed| {
                    let mut acts = observed.history.acts().iter();
                    match acts.find(|act| act.when.is_uncertain()) {
                        Some(act) => Err(act.id.to_string()),
                        None => Ok(release::drift(declared, observed)),
                    }
                })
            });
            let Some(found) = drift? else {
                return Err(DbError::Empty.into());
            };
            match found? {
                Some(Ok(found)) => all.extend(found),
                Some(Err(act)) => {
                    let what = "a comparison with what was observed".to_owned();
                    return Err(DbError::from(AskError::UncertainTime { act, what }).into());
                }
                // Nothing was observed.
                None => {}
            }
        }
        rules::sort(&mut all);
        Ok(Judged {
            findings: all,
            appendix,
            has_possible,
        })
    }
}

/// What would be found beside if all that may have carried had.
fn possible(state: &State, how: &How, look: Look, sure: &[Finding]) -> Result<Vec<Finding>, Failure> {
    let (snapshot, acts) = state.snapshot.with_possible_sure()?;
    let wide = State {
        snapshot,
        settings: state.settings.clone(),
    };
    let wide = judged(&wide, how, look, design::judge)?;
    Ok(release::possible::beyond(
        wide.findings.iter(),
        sure.iter(),
        &acts,
    ))
}

/// That some of what is listed fails nothing.
fn listed(findings: &[Finding]) -> Option<Note> {
    let supposed = || findings.iter().filter(|finding| !finding.supposes.is_empty());
    let first = supposed().next()?;
    let of_them = match supposed().count() {
        1 => "1 of the findings rests".to_owned(),
        many => format!("{many} of the findings rest"),
    };
    Some(Note {
        code: "POSSIBLE_FINDINGS",
        text: format!(
            "{of_them} on acts that only may have carried data, by lineage of whole datasets or runs that did not end well; marked \
             as possible, and failing nothing"
        ),
        place: first.place.clone(),
    })
}

/// Of what may be wrong this many are named.
const POSSIBLE_NAMED: usize = 3;

fn possibly_wrong(found: &[Finding]) -> Option<Note> {
    let first = found.first()?;
    let named: Vec<String> = found
        .iter()
        .take(POSSIBLE_NAMED)
        .map(|finding| {
            format!(
                "{} at {} ({})",
                finding.rule,
                finding.culprit.as_str(),
                finding.reason
            )
        })
        .collect();
    let more = if found.len() > POSSIBLE_NAMED { ", …" } else { "" };
    let count = match found.len() {
        1 => "1 finding more".to_owned(),
        many => format!("{many} findings more"),
    };
    Some(Note {
        code: "POSSIBLE_FINDINGS",
        text: format!(
            "there would be {count} if all had flowed that only may have, by lineage of whole datasets or runs that did not end \
             well: {}{more}; they fail nothing",
            named.join(", ")
        ),
        place: first.place.clone(),
    })
}

/// The store of what was observed.
fn observed(settings: &Settings, how: &How) -> Result<Option<Snapshot>, Failure> {
    let folder = how
        .observed
        .clone()
        .or_else(|| settings.observed.as_ref().map(PathBuf::from));
    let Some(folder) = folder else { return Ok(None) };
    let snapshot = Db::open(&folder, Mode::Read, AsOf::Now(source::now))?.snapshot();
    Ok(Some(snapshot))
}

/// What the command line says goes before what the folder says.
fn fail_on(settings: &Settings, how: &How) -> FailOn {
    match how.fail_on {
        Some(Least::Error) => FailOn::AtLeast(Severity::Error),
        Some(Least::Warning) => FailOn::AtLeast(Severity::Warning),
        Some(Least::Note) => FailOn::AtLeast(Severity::Note),
        Some(Least::Never) => FailOn::Never,
        None => settings.fail_on.unwrap_or(FailOn::AtLeast(Severity::Note)),
    }
}

/// Outputs of the command line, or else those of the folder.
fn outputs(settings: &Settings, how: &How) -> Result<Vec<Output>, Failure> {
    if !how.output.is_empty() {
        return Ok(how.output.clone());
    }
    let parse = |(format, path): &(String, String)| {
        format!("{format}={path}")
            .parse()
            .map_err(|error| Failure::Usage(format!("`outputs` of {}: {error}", project::FILE)))
    };
    settings.outputs.iter().map(parse).collect()
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
                about: Arc::default(),
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
