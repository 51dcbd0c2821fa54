//! The questions that authorizations and other facts decide, not acts alone.

#![allow(clippy::too_many_arguments, reason = "each is an argument of a GraphQL field")]

use async_graphql::{Context, Object, Result};

use super::moment::RecordMoment;
use super::questions::{During, ask, ids, mismatch};
use super::rows::RowsAnswer;
use super::time::{DateTime, instant};
use crate::model::question::{Found, PathsQuestion, Question, Window};

/// What a question costs: it judges every act about its subject.
const COST: usize = 200;
/// What a question about everybody costs: it judges every act.
const COST_OF_ALL: usize = 2_000;

/// The questions.
#[derive(Default)]
pub struct Judgements;

#[Object]
impl Judgements {
    /// Did data reach a party lawfully, unlawfully, or both ways? At most one row of each kind, the shortest chain: code
    /// `lawful`, whose acts are all allowed from the first acquisition on, and `unlawful`, with the first act that is not.
    #[graphql(complexity = "COST + child_complexity")]
    async fn paths(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The data: the id of a field.")] field: String,
        #[graphql(desc = "Whom it may have reached: the id of a processor.")] to: String,
        #[graphql(desc = "Whose data: the id of a subject.")] subject: String,
        #[graphql(desc = "The data as held by this processor; if absent, by anybody.")] from: Option<String>,
        #[graphql(desc = "Answer for this instant; if absent, for the `asOf` of `store`.")] as_of: Option<
            DateTime,
        >,
        #[graphql(desc = "By what was recorded up to this moment; if absent, by all that is on record.")]
        as_known_at: Option<RecordMoment>,
    ) -> Result<RowsAnswer> {
        let question = Question::Paths(PathsQuestion {
            field: field.as_str().into(),
            to: to.as_str().into(),
            subject: subject.as_str().into(),
            from: from.as_deref().map(Into::into),
        });
        rows(ctx, &question, as_of.as_ref(), as_known_at.as_ref())
    }

    /// Who passed data on, or made something from it, without being allowed to? One row for each act that is the first
    /// unlawful one of some chain, in order: its `processor` answers for it, its `parties` have the data by way of it, and its
    /// code is the reason that the check `authorized` or `delegation` gives.
    #[graphql(complexity = "COST + child_complexity")]
    async fn unlawful(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The data: the id of a field.")] field: String,
        #[graphql(desc = "Whose data: the id of a subject.")] subject: String,
        #[graphql(desc = "The data as held by this processor; if absent, by anybody.")] from: Option<String>,
        #[graphql(desc = "Only what came to this processor in the end.")] to: Option<String>,
        #[graphql(desc = "Answer for this instant; if absent, for the `asOf` of `store`.")] as_of: Option<
            DateTime,
        >,
        #[graphql(desc = "By what was recorded up to this moment; if absent, by all that is on record.")]
        as_known_at: Option<RecordMoment>,
    ) -> Result<RowsAnswer> {
        let question = Question::Unlawful {
            field: field.as_str().into(),
            subject: subject.as_str().into(),
            from: from.as_deref().map(Into::into),
            to: to.as_deref().map(Into::into),
        };
        rows(ctx, &question, as_of.as_ref(), as_known_at.as_ref())
    }

    /// Which flows on record have no explanation? Codes: `not-held`, an act on data that its actor never had;
    /// `input-not-held`, the same of a derive act; `source-not-named`, a collection that does not say from whom;
    /// `never-reports`, a holder without any outgoing flow.
    #[graphql(complexity = "COST_OF_ALL + child_complexity")]
    async fn unexplained(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Whose data: the id of a subject; if absent, everybody's.")] subject: Option<String>,
        #[graphql(desc = "Answer for this instant; if absent, for the `asOf` of `store`.")] as_of: Option<
            DateTime,
        >,
        #[graphql(desc = "By what was recorded up to this moment; if absent, by all that is on record.")]
        as_known_at: Option<RecordMoment>,
    ) -> Result<RowsAnswer> {
        let question = Question::Unexplained {
            subject: subject.as_deref().map(Into::into),
        };
        rows(ctx, &question, as_of.as_ref(), as_known_at.as_ref())
    }

    /// Who could identify de-identified data, and which releases are known not to have been anonymous? Codes: `joint`, a party
    /// that holds a field and its key at one time, proved by two chains; `known-since`, a release of a field that was re-identified
    /// later; `released-after`, one made although that was known.
    #[graphql(complexity = "COST_OF_ALL + child_complexity")]
    async fn reidentification(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Whose data: the id of a subject; if absent, everybody's.")] subject: Option<String>,
        #[graphql(desc = "Answer for this instant; if absent, for the `asOf` of `store`.")] as_of: Option<
            DateTime,
        >,
        #[graphql(desc = "By what was recorded up to this moment; if absent, by all that is on record.")]
        as_known_at: Option<RecordMoment>,
    ) -> Result<RowsAnswer> {
        let question = Question::Reidentification {
            subject: subject.as_deref().map(Into::into),
        };
        rows(ctx, &question, as_of.as_ref(), as_known_at.as_ref())
    }

    /// Which fewest acts, and which few relationships, would have had to be missing for data not to reach a party? Codes:
    /// `act` and `relationship`. The reasons say how many are proven to be needed.
    #[graphql(complexity = "COST + child_complexity")]
    async fn cut(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The data: the id of a field.")] field: String,
        #[graphql(desc = "Whom it reached: the id of a processor.")] to: String,
        #[graphql(desc = "Whose data: the id of a subject.")] subject: String,
        #[graphql(desc = "The data as held by this processor; if absent, by anybody.")] from: Option<String>,
        #[graphql(desc = "Answer for this instant; if absent, for the `asOf` of `store`.")] as_of: Option<
            DateTime,
        >,
        #[graphql(desc = "By what was recorded up to this moment; if absent, by all that is on record.")]
        as_known_at: Option<RecordMoment>,
    ) -> Result<RowsAnswer> {
        let question = Question::Cut(PathsQuestion {
            field: field.as_str().into(),
            to: to.as_str().into(),
            subject: subject.as_str().into(),
            from: from.as_deref().map(Into::into),
        });
        rows(ctx, &question, as_of.as_ref(), as_known_at.as_ref())
    }

    /// Which activities on record rest on one authorization alone (code `fragile`)? With an authorization: what would happen
    /// if it were withdrawn. Codes then: `breaks`, an activity without another ground; `stands`, one with another;
    /// `act-uncovered`, an act on record at or after the withdrawal that nothing else covers; `held-without-ground`, data that nothing else
    /// on record lets its holder hold.
    #[graphql(complexity = "COST_OF_ALL + child_complexity")]
    async fn withdrawal(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "What is withdrawn: the id of an authorization.")] authorization: Option<String>,
        #[graphql(desc = "Whose data: the id of a subject; if absent, everybody's.")] subject: Option<String>,
        #[graphql(desc = "When it is withdrawn; if absent, at `asOf`.")] at: Option<DateTime>,
        #[graphql(desc = "Answer for this instant; if absent, for the `asOf` of `store`.")] as_of: Option<
            DateTime,
        >,
        #[graphql(desc = "By what was recorded up to this moment; if absent, by all that is on record.")]
        as_known_at: Option<RecordMoment>,
    ) -> Result<RowsAnswer> {
        let question = Question::Withdrawal {
            authorization: authorization.as_deref().map(Into::into),
            subject: subject.as_deref().map(Into::into),
            at: instant(at.as_ref()),
        };
        rows(ctx, &question, as_of.as_ref(), as_known_at.as_ref())
    }

    /// Who must act when a person asks a party to delete, and by when? Codes: `delete`, the party itself and those that hold
    /// the data on somebody's behalf; `notify`, those that hold it in their own name; `kept`, on another ground than consent or
    /// contract, which `because` names; `public`, where nobody can delete.
    #[graphql(complexity = "COST + child_complexity")]
    async fn erasure(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Who asks: the id of a subject.")] subject: String,
        #[graphql(desc = "Who is asked: the id of a processor.")] processor: String,
        #[graphql(desc = "Which data, with what was made from it: ids of fields; if absent, all.")]
        fields: Option<Vec<String>>,
        #[graphql(desc = "When it is asked; if absent, at `asOf`.")] at: Option<DateTime>,
        #[graphql(desc = "Answer for this instant; if absent, for the `asOf` of `store`.")] as_of: Option<
            DateTime,
        >,
        #[graphql(desc = "By what was recorded up to this moment; if absent, by all that is on record.")]
        as_known_at: Option<RecordMoment>,
    ) -> Result<RowsAnswer> {
        let question = Question::Erasure {
            subject: subject.as_str().into(),
            processor: processor.as_str().into(),
            fields: ids(fields),
            at: instant(at.as_ref()),
        };
        rows(ctx, &question, as_of.as_ref(), as_known_at.as_ref())
    }

    /// A breach at a party: whose data, from where, who got it since, who must be told by when? Codes: `exposed`, one row
    /// for each person; `source`, a party that gave it; `passed-on`, one that got it, or something made from it, from the beginning
    /// of the window on; `tell-subjects`, `tell-regulator`, `tell-platform`, the deadlines of rules on record.
    #[graphql(complexity = "COST_OF_ALL + child_complexity")]
    async fn exposure(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Where: the id of a processor.")] processor: String,
        #[graphql(desc = "When; if absent, at `asOf`.")] during: Option<During>,
        #[graphql(desc = "Whose data: the id of a subject; if absent, everybody's.")] subject: Option<String>,
        #[graphql(desc = "Answer for this instant; if absent, for the `asOf` of `store`.")] as_of: Option<
            DateTime,
        >,
        #[graphql(desc = "By what was recorded up to this moment; if absent, by all that is on record.")]
        as_known_at: Option<RecordMoment>,
    ) -> Result<RowsAnswer> {
        let question = Question::Exposure {
            processor: processor.as_str().into(),
            during: during.map_or_else(Window::default, |during| during.window()),
            subject: subject.as_deref().map(Into::into),
        };
        rows(ctx, &question, as_of.as_ref(), as_known_at.as_ref())
    }

    /// Who holds what about a person, and from where? One row for each copy, with the chain to it from a first acquisition; its
    /// code is how it is held: `own`, `delegated`, `assigned`, or `contradicted` when the giver had deleted it.
    #[graphql(complexity = "COST + child_complexity")]
    async fn held(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "About whom: the id of a subject.")] subject: String,
        #[graphql(desc = "When; if absent, at `asOf`.")] at: Option<DateTime>,
        #[graphql(desc = "Answer for this instant; if absent, for the `asOf` of `store`.")] as_of: Option<
            DateTime,
        >,
        #[graphql(desc = "By what was recorded up to this moment; if absent, by all that is on record.")]
        as_known_at: Option<RecordMoment>,
    ) -> Result<RowsAnswer> {
        let question = Question::Held {
            subject: subject.as_str().into(),
            at: instant(at.as_ref()),
        };
        rows(ctx, &question, as_of.as_ref(), as_known_at.as_ref())
    }

    /// For which purposes was data used, and was that authorized and declared? One row for each party, purpose and kind of act,
    /// with `count`, `at` (the first) and `last`. Codes: `used`, all acts on record; `not-authorized`, those that nothing covers;
    /// `not-declared`, those that the policy in force did not declare.
    #[graphql(complexity = "COST_OF_ALL + child_complexity")]
    async fn activities(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The data: the id of a field; if absent, all.")] field: Option<String>,
        #[graphql(desc = "Who acts: the id of a processor; if absent, anybody.")] processor: Option<String>,
        #[graphql(desc = "Whose data: the id of a subject; if absent, everybody's.")] subject: Option<String>,
        #[graphql(desc = "Answer for this instant; if absent, for the `asOf` of `store`.")] as_of: Option<
            DateTime,
        >,
        #[graphql(desc = "By what was recorded up to this moment; if absent, by all that is on record.")]
        as_known_at: Option<RecordMoment>,
    ) -> Result<RowsAnswer> {
        let question = Question::Activities {
            field: field.as_deref().map(Into::into),
            processor: processor.as_deref().map(Into::into),
            subject: subject.as_deref().map(Into::into),
        };
        rows(ctx, &question, as_of.as_ref(), as_known_at.as_ref())
    }

    /// What crossed a border, and under which safeguards? Act by act a row for what happened (`crossing`, `onward`,
    /// `stored-abroad`), then one for each safeguard: `mechanism`, `ground`, `secrecy`, `assessment`, `recipient-assessment`, or the
    /// same with what is wrong: `mechanism-none`, `mechanism-expired`, `mechanism-not-yet`, `ground-missing`, `secrecy-none`,
    /// `secrecy-ended`, `assessment-none`, `assessment-late` and so on. Last, `moved-abroad`: holders that moved with data in hand.
    #[graphql(complexity = "COST_OF_ALL + child_complexity")]
    async fn transfers(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Who gave or took: the id of a processor; if absent, anybody.")] processor: Option<
            String,
        >,
        #[graphql(desc = "Whose data: the id of a subject; if absent, everybody's.")] subject: Option<String>,
        #[graphql(desc = "Answer for this instant; if absent, for the `asOf` of `store`.")] as_of: Option<
            DateTime,
        >,
        #[graphql(desc = "By what was recorded up to this moment; if absent, by all that is on record.")]
        as_known_at: Option<RecordMoment>,
    ) -> Result<RowsAnswer> {
        let question = Question::Transfers {
            processor: processor.as_deref().map(Into::into),
            subject: subject.as_deref().map(Into::into),
        };
        rows(ctx, &question, as_of.as_ref(), as_known_at.as_ref())
    }

    /// Who has data of minors? One row for each holder and person: `minor`, where `because` names the consents by a guardian that
    /// are for all of it; and beside the answer `age-unknown`, people whose birth date is not on record, who are treated as of age.
    #[graphql(complexity = "COST_OF_ALL + child_complexity")]
    async fn minors(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Who has it: the id of a processor; if absent, anybody.")] processor: Option<String>,
        #[graphql(desc = "Whose data: the id of a subject; if absent, everybody's.")] subject: Option<String>,
        #[graphql(desc = "When; if absent, at `asOf`.")] at: Option<DateTime>,
        #[graphql(desc = "Answer for this instant; if absent, for the `asOf` of `store`.")] as_of: Option<
            DateTime,
        >,
        #[graphql(desc = "By what was recorded up to this moment; if absent, by all that is on record.")]
        as_known_at: Option<RecordMoment>,
    ) -> Result<RowsAnswer> {
        let question = Question::Minors {
            processor: processor.as_deref().map(Into::into),
            subject: subject.as_deref().map(Into::into),
            at: instant(at.as_ref()),
        };
        rows(ctx, &question, as_of.as_ref(), as_known_at.as_ref())
    }

    /// Which risky activities were not assessed before, or too long ago? One row for each party, risk and purpose, with `count`,
    /// `at` (the first) and `last`. Codes: `none`, nobody ever assessed them; `late`, only later; `stale`, the latest assessment
    /// before was too old, or from before a major change of the policy; `assessed`.
    #[graphql(complexity = "COST_OF_ALL + child_complexity")]
    async fn assessments(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Who acts: the id of a processor; if absent, anybody.")] processor: Option<String>,
        #[graphql(desc = "Whose data: the id of a subject; if absent, everybody's.")] subject: Option<String>,
        #[graphql(desc = "For how many days an assessment is good; if absent, as the rules on record say.")]
        within_days: Option<u32>,
        #[graphql(desc = "Answer for this instant; if absent, for the `asOf` of `store`.")] as_of: Option<
            DateTime,
        >,
        #[graphql(desc = "By what was recorded up to this moment; if absent, by all that is on record.")]
        as_known_at: Option<RecordMoment>,
    ) -> Result<RowsAnswer> {
        let question = Question::Assessments {
            processor: processor.as_deref().map(Into::into),
            subject: subject.as_deref().map(Into::into),
            within_days: within_days.map(i64::from),
        };
        rows(ctx, &question, as_of.as_ref(), as_known_at.as_ref())
    }

    /// Do decisions descend from protected attributes? One row for each act that makes one: `descends`, or
    /// `descends-anonymized` when the chain has an anonymized step, which breaks no descent. Proxies are not seen, and a reason says so.
    #[graphql(complexity = "COST_OF_ALL + child_complexity")]
    async fn decisions(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The decisions: ids of fields.")] fields: Vec<String>,
        #[graphql(
            desc = "What is protected: ids of categories, with all below them; if absent, what the rules on record protect, or else what is sensitive."
        )]
        categories: Option<Vec<String>>,
        #[graphql(desc = "Whose data: the id of a subject; if absent, everybody's.")] subject: Option<String>,
        #[graphql(desc = "Answer for this instant; if absent, for the `asOf` of `store`.")] as_of: Option<
            DateTime,
        >,
        #[graphql(desc = "By what was recorded up to this moment; if absent, by all that is on record.")]
        as_known_at: Option<RecordMoment>,
    ) -> Result<RowsAnswer> {
        let question = Question::Decisions {
            fields: ids(Some(fields)),
            categories: ids(categories),
            subject: subject.as_deref().map(Into::into),
        };
        rows(ctx, &question, as_of.as_ref(), as_known_at.as_ref())
    }
}

fn rows(
    ctx: &Context<'_>,
    question: &Question,
    as_of: Option<&DateTime>,
    as_known_at: Option<&RecordMoment>,
) -> Result<RowsAnswer> {
    let (ground, found, snapshot) = ask(ctx, question, as_of, as_known_at)?;
    let Found::Rows(rows) = found else {
        return Err(mismatch(question));
    };
    Ok(RowsAnswer::new(ground, &rows, &snapshot))
}
