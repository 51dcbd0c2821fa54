//! The instants that an act's own instant may be held against: those of other facts, and lengths of time that rules add
//! to them. More of them than matter cost time; one too few would make something definite that is not.

use crate::flow::FlowPolicies;
use crate::model::fact::{Agreement, Assessment, Authorization, Fact, Header, Processor};
use crate::model::question::{Question, Window};
use crate::model::rule::{Check, Rule};
use crate::model::time::{Instant, Span, comes_of_age};

/// Every instant that the fact names, the end of an act that stands and those of other facts at their earliest; of an act at
/// one instant only if that is certain.
pub fn of_fact(fact: &Fact, header: &Header) -> Vec<Instant> {
    let mut all: Vec<Instant> = Vec::new();
    match fact {
        Fact::Subject(x) => {
            all.extend(x.died);
            all.extend(
                x.born
                    .map(|born| comes_of_age(born, header.minor_age, &header.zone)),
            );
        }
        Fact::Processor(x) => of_processor(x, &mut all),
        Fact::Purpose(x) => all.extend(x.ended),
        Fact::Authorization(Authorization {
            from,
            until,
            withdrawn,
            ..
        }) => {
            all.push(*from);
            ending(&mut all, [*until, *withdrawn]);
        }
        Fact::Choice(x) => all.push(x.at),
        Fact::Agreement(agreement) => {
            let (from, until) = match agreement {
                Agreement::Delegation(x) => (x.from, x.until),
                Agreement::Confidentiality(x) | Agreement::Partner(x) => (x.from, x.until),
                Agreement::Joint(x) => (x.from, x.until),
            };
            all.push(from);
            ending(&mut all, [until]);
        }
        Fact::Mechanism(x) => {
            all.push(x.from);
            ending(&mut all, [x.until]);
        }
        Fact::Assessment(Assessment::Impact { at, .. } | Assessment::Recipient { at, .. }) => all.push(*at),
        Fact::Notice(x) => all.push(x.at),
        Fact::Policy(x) => {
            all.push(x.effective);
            all.extend([x.published, x.announced].into_iter().flatten());
        }
        Fact::Request(x) => {
            all.push(x.at);
            all.extend([x.answered, x.verified].into_iter().flatten());
        }
        Fact::Closure(x) => all.extend([x.at, x.at.plus_days(x.clear_within_days)]),
        Fact::Incident(x) => {
            all.push(x.known);
            all.extend(
                [x.suspected, x.regulator_told, x.platform_told]
                    .into_iter()
                    .flatten(),
            );
            all.extend(x.subjects_told.iter().map(|(_, at)| *at));
        }
        Fact::Audit(x) => {
            all.push(x.at);
            all.extend(x.notified);
            all.extend(
                x.remedies
                    .iter()
                    .flat_map(|remedy| [Some(remedy.due), remedy.done])
                    .flatten(),
            );
        }
        Fact::Termination(x) => all.push(x.at),
        Fact::Evidence(x) => {
            all.push(x.from);
            all.extend(x.until);
        }
        Fact::Act(x) if x.at.bounds().is_some() => {}
        Fact::Act(x) => match x.at.standing() {
            Some((from, until)) => {
                all.push(from);
                all.extend(until);
            }
            None => all.push(x.at.start()),
        },
        Fact::Rule(_)
        | Fact::Cohort(_)
        | Fact::Category(_)
        | Fact::Field(_)
        | Fact::RetentionPeriod(_)
        | Fact::Suppression(_)
        | Fact::Compatibility(_)
        | Fact::Retraction(_) => {}
    }
    all
}

/// A day, in microseconds.
pub const DAY: i64 = 24 * 3_600 * 1_000_000;

/// Ends, and the day before each: a look ahead judges that day too.
fn ending<const N: usize>(all: &mut Vec<Instant>, ends: [Option<Instant>; N]) {
    for end in ends.into_iter().flatten() {
        all.extend([end, end.plus_days(-1)]);
    }
}

fn of_processor(processor: &Processor, all: &mut Vec<Instant>) {
    all.extend(processor.ceased);
    all.extend(processor.moves.iter().map(|moved| moved.at));
    for period in &processor.safeguard_periods {
        all.push(period.from);
        all.extend(period.until);
    }
}

/// Every instant that the question names.
pub fn of_question(question: &Question) -> Vec<Instant> {
    let window = |window: Window| [window.from, window.until].into_iter().flatten();
    match question {
        Question::Reach(reach) => window(reach.during).chain(reach.held_at).collect(),
        Question::Holders { at, .. }
        | Question::Withdrawal { at, .. }
        | Question::Erasure { at, .. }
        | Question::Held { at, .. }
        | Question::Minors { at, .. } => at.iter().copied().collect(),
        Question::Exposure { during, .. } => window(*during).collect(),
        Question::Purposes { .. }
        | Question::Crossings { .. }
        | Question::Downstream { .. }
        | Question::Sources { .. }
        | Question::Paths(_)
        | Question::Unlawful { .. }
        | Question::Unexplained { .. }
        | Question::Reidentification { .. }
        | Question::Activities { .. }
        | Question::Transfers { .. }
        | Question::Assessments { .. }
        | Question::Decisions { .. }
        | Question::Cut(_) => Vec::new(),
    }
}

/// The lengths of time that the question sets, in microseconds.
pub fn spans_of_question(question: &Question) -> Vec<i64> {
    if let Question::Assessments { within_days, .. } = question {
        days(*within_days)
    } else {
        Vec::new()
    }
}

/// The lengths of time that a fact sets, in microseconds.
pub fn spans_of_fact(fact: &Fact) -> Vec<i64> {
    if let Fact::RetentionPeriod(period) = fact {
        days(period.days)
    } else if let Fact::Closure(closure) = fact {
        days(Some(closure.clear_within_days))
    } else {
        Vec::new()
    }
}

/// The lengths of time that a rule sets, in microseconds, and the instants. `None` when it may look at an instant in any
/// way.
#[expect(clippy::wildcard_enum_match_arm, reason = "most checks set no length of time")]
pub fn spans_of_rule(rule: &Rule) -> Option<(Vec<i64>, Vec<Instant>)> {
    let spans = match &rule.check {
        Check::Frequency { min_distance, .. } => vec![micros(*min_distance)],
        Check::ImpactAssessment { within_days, .. } | Check::Evidence { within_days, .. } => {
            days(*within_days)
        }
        Check::Retention { limits, .. } | Check::MinimumRetention { limits, .. } => {
            limits.iter().flat_map(|limit| days(Some(limit.days))).collect()
        }
        Check::DeletionPropagated { within_days, .. }
        | Check::CorrectionPropagated { within_days, .. }
        | Check::AuditDue { within_days, .. }
        | Check::NeverUsed { within_days, .. }
        | Check::PurposeEnded { within_days } => days(Some(*within_days)),
        Check::Delegation {
            return_within_days: count,
            ..
        }
        | Check::AuditRemedied { notice_days: count }
        | Check::Ceasing {
            clear_within_days: count,
        } => days(Some(*count)),
        Check::IncidentNotice {
            subjects_within,
            regulator_within,
            platform_within,
            ..
        } => [*subjects_within, *regulator_within, *platform_within]
            .into_iter()
            .flatten()
            .map(micros)
            .collect(),
        Check::Policy { text, .. } => {
            let instants = match FlowPolicies::read(text) {
                Ok(policies) => policies.mentions().instant.instants()?,
                // Readers refuse rules whose policies do not hold together.
                Err(_) => Vec::new(),
            };
            return Some((Vec::new(), instants));
        }
        _ => Vec::new(),
    };
    Some((spans, Vec::new()))
}

fn micros(span: Span) -> i64 {
    let zero = Instant::from_micros(0);
    zero.plus(span).micros()
}

fn days(count: Option<i64>) -> Vec<i64> {
    count.map(|count| micros(Span::days(count))).into_iter().collect()
}
