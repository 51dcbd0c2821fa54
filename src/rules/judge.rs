//! Runs the rules of a case and puts their findings in order.

use std::ops::Range;
use std::sync::{Arc, Mutex, PoisonError};

use super::authorized::Selectors;
use super::case::Case;
use super::draft::Draft;
use super::finding;
use super::gather::{self, Piece, Whole};
use super::later::Next;
use super::moment;
use super::only::Limit;
use super::share::{Tasks, share};
use rustc_hash::FxHashMap;

use crate::graph::{ActNo, Few, SubjectNo};
use crate::model::appendix::Appendix;
use crate::model::finding::Finding;
use crate::model::findings::Whose;
use crate::model::rule::{Check, Rule};
use crate::model::time::Instant;

/// All findings of the case under these rules, sorted by instant, rule, act or fact, processor, subjects, fields;
/// ties stay in the order of making: `authorized` rules first, then the others in the order given, of each those about
/// many people last. Beside them what rule packs want told.
/// Cost: most checks walk the acts or their own facts once; choices, closures, terminations, re-identifications and
/// ended agreements are each held against all acts or copies.
pub fn judge(case: &Case<'_>, rules: &[&Rule]) -> (Vec<Finding>, Appendix) {
    let (told, pieces) = tell(case, rules);
    let wholes = gather::put_together(case, rules, &pieces, &[]).unwrap_or_default();
    let mut findings: Vec<(Arc<Finding>, Option<ActNo>)> =
        told.into_iter().map(|told| (told.finding, told.act)).collect();
    findings.extend(wholes.into_iter().map(Whole::into_finding));
    let findings = in_order(findings, |(finding, _)| finding);
    let appendix = super::appendix::appendix(
        case,
        rules,
        findings.iter().map(|(finding, act)| (&**finding, *act)),
    );
    (
        findings
            .into_iter()
            .map(|(finding, _)| Arc::unwrap_or_clone(finding))
            .collect(),
        appendix,
    )
}

/// What is wrong with acts under these rules, whatever they are limited to, in the same order, each with the act; of a standing
/// act each of its moments by itself.
pub fn judge_moments(case: &Case<'_>, rules: &[&Rule]) -> Vec<(Arc<Finding>, ActNo)> {
    let mut found: Vec<(Arc<Finding>, ActNo)> = Vec::new();
    let mut tell = |rule: &Rule, drafts: Vec<Draft>| {
        found.extend(drafts.into_iter().filter_map(|draft| {
            let act = draft.act?;
            Some((finding::assemble(case, rule, draft), act))
        }));
    };
    for (rule, drafts) in Selectors::new(case, rules).judge(case, 0..case.history.acts().len()) {
        tell(rule, drafts);
    }
    for rule in rules {
        let mut drafts = Vec::new();
        run(case, &rule.check, None, &mut drafts);
        tell(rule, drafts);
    }
    in_order(found, |(finding, _)| finding)
}

/// What was found, so that a part of it can be found anew.
#[derive(Debug)]
pub struct Apart {
    /// Each finding, in order.
    pub findings: Vec<Single>,
    /// What each subject adds to findings about many.
    pub pieces: Vec<Piece>,
    /// When it has to be judged again.
    pub next: Next,
}

/// One finding, and what it is about.
#[derive(Clone, Debug)]
pub struct Single {
    /// The finding.
    pub finding: Arc<Finding>,
    /// The act, as the case numbers it.
    pub act: Option<ActNo>,
    /// Whose it is.
    pub whose: Whose,
}

/// The same findings, but those about many in pieces.
pub fn judge_apart(case: &Case<'_>, rules: &[&Rule]) -> Apart {
    let (told, pieces) = tell(case, rules);
    let told = in_order(told, |told| &told.finding);
    let mut known: FxHashMap<SubjectNo, Whose> = FxHashMap::default();
    let mut whose = |subjects: &[SubjectNo]| {
        let families = || {
            let names = subjects.iter().map(|subject| case.subject_id(*subject).clone());
            Whose::Families(names.collect())
        };
        // Mostly it is one subject's, as many others are.
        match subjects {
            [subject] => known.entry(*subject).or_insert_with(families).clone(),
            _ => families(),
        }
    };
    Apart {
        findings: told
            .into_iter()
            .map(|told| {
                let is_fact = told.act.is_none() && told.whose.is_empty();
                Single {
                    act: told.act,
                    whose: if is_fact { Whose::Facts } else { whose(&told.whose) },
                    finding: told.finding,
                }
            })
            .collect(),
        pieces,
        next: case.next(),
    }
}

/// A finding, the act it is about, and in whose families it was found.
struct Told {
    finding: Arc<Finding>,
    act: Option<ActNo>,
    whose: Few<SubjectNo>,
}

/// Cases with fewer acts are judged on one thread.
const ACTS_SHARED: usize = 20_000;
/// So many acts are held to the `authorized` rules at a time where threads share them, and of so many drafts findings are
/// made.
const ACTS_AT_ONCE: usize = 16_384;
const DRAFTS_AT_ONCE: usize = 1_024;

/// What was found.
type Found = (Vec<Told>, Vec<Piece>);

/// Where something that was found stands among the others: place of the rule, of the stretch of acts, of the drafts. For
/// the first place, all `authorized` rules together.
type Rank = (usize, usize, usize, usize);

/// Something to be done.
enum Task<'r> {
    /// Hold a stretch of acts to the `authorized` rules.
    Authorized(Range<usize>),
    /// Run a check for the rules at these places, which all have it.
    Check(Vec<usize>),
    /// Make findings of what was found.
    Assemble(Rank, &'r Rule, Vec<Draft>),
}

/// All findings: `authorized` rules first, then the others in the order given. Rules do not look at each other, so that
/// the processors of the machine share them.
fn tell(case: &Case<'_>, rules: &[&Rule]) -> Found {
    let is_shared = case.history.acts().len() >= ACTS_SHARED;
    let threads = if is_shared {
        std::thread::available_parallelism().map_or(1, std::num::NonZero::get)
    } else {
        1
    };
    let selectors = Selectors::new(case, rules);
    let judging = Judging {
        case,
        rules,
        selectors: &selectors,
        is_shared,
        found: Mutex::default(),
    };
    share(threads, judging.tasks(), |task, tasks| judging.run(task, tasks));
    let mut found = judging.found.into_inner().unwrap_or_else(PoisonError::into_inner);
    found.sort_unstable_by_key(|(rank, _)| *rank);
    let mut all = Found::default();
    for (_, (told, pieces)) in found {
        all.0.extend(told);
        all.1.extend(pieces);
    }
    all
}

struct Judging<'c, 'f, 'r> {
    case: &'c Case<'f>,
    rules: &'c [&'r Rule],
    selectors: &'c Selectors<'r>,
    is_shared: bool,
    found: Mutex<Vec<(Rank, Found)>>,
}

impl<'r> Judging<'_, '_, 'r> {
    fn tasks(&self) -> Vec<Task<'r>> {
        let acts = self.case.history.acts().len();
        let mut tasks = Vec::new();
        if !self.selectors.is_empty() {
            // What is found of a standing act is joined over all its moments.
            let at_once = if self.is_shared && !self.case.replay.has_standing() {
                ACTS_AT_ONCE
            } else {
                acts
            };
            let stretches = (0..acts).step_by(at_once.max(1));
            tasks.extend(stretches.map(|from| Task::Authorized(from..acts.min(from + at_once))));
        }
        let mut groups: Vec<Vec<usize>> = Vec::new();
        for (place, rule) in self.rules.iter().enumerate() {
            // Packs ask for much that others ask for too. To find that costs more than judging a few acts again.
            let same = |group: &&mut Vec<usize>| self.is_shared && self.rules[group[0]].check == rule.check;
            match groups.iter_mut().find(same) {
                Some(group) => group.push(place),
                None => groups.push(vec![place]),
            }
        }
        tasks.extend(groups.into_iter().map(Task::Check));
        tasks
    }

    fn run(&self, task: Task<'r>, tasks: &Tasks<Task<'r>>) {
        match task {
            Task::Authorized(acts) => {
                let from = acts.start;
                let found = self.selectors.judge(self.case, acts);
                for (selector, (rule, drafts)) in found.into_iter().enumerate() {
                    self.assemble((0, selector, from), rule, drafts, tasks);
                }
            }
            Task::Check(places) => self.check(&places, tasks),
            Task::Assemble(rank, rule, drafts) => {
                let told = drafts.into_iter().map(|draft| told(self.case, rule, draft));
                self.note(rank, (told.collect(), Vec::new()));
            }
        }
    }

    fn check(&self, places: &[usize], tasks: &Tasks<Task<'r>>) {
        let case = self.case;
        let limits: Vec<(usize, Limit<'_>)> = places
            .iter()
            .map(|place| (*place, Limit::new(case, &self.rules[*place].only)))
            .filter(|(_, limit)| !limit.is_idle(case))
            .collect();
        let Some((first, limit)) = limits.first() else {
            return;
        };
        let mut all = Vec::new();
        let only = (limits.len() == 1).then_some(limit);
        run(case, &self.rules[*first].check, only, &mut all);
        for (i, (place, limit)) in limits.iter().enumerate() {
            let is_last = i + 1 == limits.len();
            let mut drafts = if is_last {
                std::mem::take(&mut all)
            } else {
                all.clone()
            };
            drafts.retain(|draft| is_meant(case, limit, draft));
            let gathered = drafts.extract_if(.., |draft| draft.gather.is_some());
            let pieces: Vec<Piece> = gathered
                .filter_map(|draft| Piece::new(case, *place, draft))
                .collect();
            if !pieces.is_empty() {
                self.note((place + 1, 0, 0, 0), (Vec::new(), pieces));
            }
            self.assemble((place + 1, 0, 0), self.rules[*place], drafts, tasks);
        }
    }

    fn assemble(
        &self,
        (place, selector, stretch): (usize, usize, usize),
        rule: &'r Rule,
        drafts: Vec<Draft>,
        tasks: &Tasks<Task<'r>>,
    ) {
        let mut drafts = moment::join(self.case, drafts);
        // The last ones first, so that what is left is never moved.
        while !drafts.is_empty() {
            let part = (drafts.len() - 1) / DRAFTS_AT_ONCE;
            let some = drafts.split_off(part * DRAFTS_AT_ONCE);
            tasks.add(Task::Assemble((place, selector, stretch, part + 1), rule, some));
        }
    }

    fn note(&self, rank: Rank, found: Found) {
        let mut all = self.found.lock().unwrap_or_else(PoisonError::into_inner);
        all.push((rank, found));
    }
}

/// Whether the rule with this limit is meant for what was found. What pieces come to is for the limit, not each of them.
fn is_meant(case: &Case<'_>, limit: &Limit<'_>, draft: &Draft) -> bool {
    let act = draft.act.map(|number| case.act(number));
    let act = act.map(|act| (act.kind, act.purpose));
    let answers = (draft.processor, draft.at);
    draft.gather.is_some() || limit.admits(case, &draft.reason, answers, &draft.fields, act)
}

fn told(case: &Case<'_>, rule: &Rule, draft: Draft) -> Told {
    let act = draft.act;
    let whose = match act {
        Some(number) => case.act(number).subjects.first().copied().into_iter().collect(),
        None => draft.subjects.iter().copied().collect(),
    };
    Told {
        finding: finding::assemble(case, rule, draft),
        act,
        whose,
    }
}

/// Puts findings in their order; equal ones keep theirs.
pub fn sort(findings: &mut [Finding]) {
    findings.sort_by(Finding::order);
}

/// A list in the order of its findings; equal ones keep theirs. Numbers are sorted, since findings are large to move.
pub fn in_order<T>(list: Vec<T>, finding: impl Fn(&T) -> &Finding) -> Vec<T> {
    let mut order: Vec<(Instant, usize)> = list
        .iter()
        .enumerate()
        .map(|(i, item)| (finding(item).at, i))
        .collect();
    order.sort_by(|(a_at, a), (b_at, b)| {
        a_at.cmp(b_at)
            .then_with(|| finding(&list[*a]).order(finding(&list[*b])))
    });
    let mut slots: Vec<Option<T>> = list.into_iter().map(Some).collect();
    order.into_iter().filter_map(|(_, i)| slots[i].take()).collect()
}

/// Runs a check. What the limit leaves out need not be found; it is left out afterwards all the same.
#[expect(
    clippy::too_many_lines,
    reason = "one arm for each check; splitting would hide the list"
)]
fn run(case: &Case<'_>, check: &Check, limit: Option<&Limit<'_>>, out: &mut Vec<Draft>) {
    match check {
        // Judged before, all rules of the kind together: each group goes to the first that fits.
        Check::Authorized { .. } => {}
        Check::ProhibitedCategory {
            categories,
            processors,
        } => {
            super::prohibited_category::judge(case, categories, processors.as_ref(), out);
        }
        Check::LawfulSource { processors } => super::lawful_source::judge(case, processors.as_ref(), out),
        Check::Necessity { processors } => super::necessity::judge(case, processors.as_ref(), out),
        Check::Frequency {
            data,
            min_distance,
            processors,
        } => super::frequency::judge(case, data, *min_distance, processors.as_ref(), out),
        Check::BundledConsent => super::bundled_consent::judge(case, out),
        Check::AlternativeOffered { categories } => super::alternative_offered::judge(case, categories, out),
        Check::StorageLocation { processors, allowed } => {
            super::storage_location::judge(case, processors.as_ref(), allowed, out);
        }
        Check::TransferMechanism {
            processors,
            bloc,
            adequate,
        } => {
            super::transfer_mechanism::judge(case, processors.as_ref(), (bloc, adequate), out);
        }
        Check::Joint { processors } => super::joint::judge(case, processors.as_ref(), out),
        Check::TransferConfidentiality { processors } => {
            super::transfer_confidentiality::judge(case, processors.as_ref(), out);
        }
        Check::Safeguards {
            acts,
            needs,
            processors,
            sensitive_only,
        } => super::safeguard::judge(case, acts, needs, processors.as_ref(), *sensitive_only, out),
        Check::RecipientAssessed {
            processors,
            exempt_kinds,
        } => super::recipient_assessed::judge(case, processors.as_ref(), exempt_kinds, out),
        Check::ImpactAssessment {
            acts,
            processors,
            within_days,
        } => {
            super::impact_assessment::judge(case, acts, processors.as_ref(), *within_days, limit, out);
        }
        Check::StateRequired {
            acts,
            purposes,
            allowed,
        } => super::state_required::judge(case, acts, purposes, allowed, out),
        Check::Optout { acts, by, bases } => {
            super::optout::judge(case, acts, by.as_deref(), bases.as_deref(), out);
        }
        Check::StopAccess => super::stop_access::judge(case, out),
        Check::FlowSupported => super::flow_supported::judge(case, out),
        Check::Retention { limits, processors } => {
            super::retention::judge(case, limits, processors.as_ref(), out);
        }
        Check::RetentionDeclared {
            processors,
            categories,
        } => super::retention_declared::judge(case, processors, categories, out),
        Check::DeletionEffective => super::deletion_effective::judge(case, out),
        Check::DeletionPropagated {
            within_days,
            processors,
            roles,
        } => super::deletion_propagated::judge(case, *within_days, processors.as_ref(), roles, out),
        Check::Closure => super::closure::judge(case, out),
        Check::Reidentification => super::reidentification::judge(case, out),
        Check::ProtectedAttribute {
            categories,
            decisions,
        } => {
            super::protected_attribute::judge(case, categories, decisions, out);
        }
        Check::Delegation {
            affiliates_only,
            return_within_days,
        } => super::delegation::judge(case, *affiliates_only, *return_within_days, out),
        Check::AssignmentNotice => super::assignment_notice::judge(case, out),
        Check::PolicyNotice => super::policy_notice::judge(case, out),
        Check::IncidentNotice {
            subjects_within,
            regulator_within,
            platform_within,
            processors,
            from_suspicion,
        } => super::incident_notice::judge(
            case,
            [*subjects_within, *regulator_within, *platform_within],
            *from_suspicion,
            processors.as_ref(),
            out,
        ),
        Check::RequestDeadline { within, kinds, by } => {
            super::request_deadline::judge(case, *within, kinds.as_deref(), by.as_deref(), out);
        }
        Check::RefusalReason { allowed } => super::refusal_reason::judge(case, allowed.as_deref(), out),
        Check::ProtectionLevel {
            processors,
            at_least,
            since,
        } => super::protection_level::judge(case, processors, at_least, *since, out),
        Check::AuditRemedied { notice_days } => super::audit_remedied::judge(case, *notice_days, out),
        Check::Policy {
            text,
            acts,
            processors,
            ..
        } => super::policy::judge(case, text, acts, processors.as_ref(), out),
        Check::Evidence {
            processors,
            kinds,
            within_days,
        } => super::evidence::judge(case, processors, kinds, *within_days, out),
        Check::Ground { bases, purposes } => super::ground::judge(case, bases, purposes, out),
        Check::GroundRecognized { allowed } => super::ground::recognized(case, allowed, out),
        Check::Declared { processors } => super::declared::judge(case, processors.as_ref(), out),
        Check::ServicePolicy { processors, purposes } => {
            super::service_policy::judge(case, processors, purposes, out);
        }
        Check::ChangeNotice => super::change_notice::judge(case, out),
        Check::PriorNotice { kind, acts } => super::prior_notice::judge(case, *kind, acts, limit, out),
        Check::PublicSource { data, kinds } => super::public_source::judge(case, data, kinds, out),
        Check::LeastPrivilege { processors } => super::least_privilege::judge(case, processors.as_ref(), out),
        Check::IncidentContent { needs, contact } => {
            super::incident_content::judge(case, needs, contact, out);
        }
        Check::IncidentFound => super::incident_found::judge(case, out),
        Check::Ceasing { clear_within_days } => super::ceasing::judge(case, *clear_within_days, out),
        Check::EmbeddedParty { processors } => super::embedded_party::judge(case, processors, out),
        Check::AuthorityReport { purposes } => super::authority_report::judge(case, purposes, out),
        Check::AssignmentGround => super::assignment_ground::judge(case, out),
        Check::CorrectionPropagated {
            within_days,
            processors,
        } => super::correction_propagated::judge(case, *within_days, processors.as_ref(), out),
        Check::Restriction { processors } => super::restriction::judge(case, processors.as_ref(), out),
        Check::PolicyRights { rights } => super::policy_rights::judge(case, rights, out),
        Check::Deceased => super::deceased::judge(case, out),
        Check::ProtectionHeld { at_least } => super::protection_held::judge(case, at_least, out),
        Check::AuditDue {
            processors,
            within_days,
            roles,
        } => super::audit_due::judge(case, processors, *within_days, roles, out),
        Check::AuditIndependent => super::audit_independent::judge(case, out),
        Check::ConsentRecord { needs } => super::consent_record::judge(case, needs, out),
        Check::ImpliedAcceptance => super::implied_acceptance::judge(case, out),
        Check::PartnerRelation {
            processors,
            exempt_kinds,
        } => super::partner_relation::judge(case, processors, exempt_kinds, out),
        Check::StateSupported => super::state_supported::judge(case, out),
        Check::NeverUsed {
            within_days,
            processors,
        } => super::never_used::judge(case, *within_days, processors.as_ref(), out),
        Check::PurposeEnded { within_days } => super::purpose_ended::judge(case, *within_days, out),
        Check::MinimumRetention { limits, processors } => {
            super::minimum_retention::judge(case, limits, processors.as_ref(), out);
        }
        Check::DeclaredPeriod => super::declared_period::judge(case, out),
        Check::Tainted { processors } => super::tainted::judge(case, processors.as_ref(), out),
        Check::SourceWarranty { kinds, processors } => {
            super::source_warranty::judge(case, kinds, processors.as_ref(), out);
        }
        Check::IdentityVerified => super::identity_verified::judge(case, out),
    }
}
