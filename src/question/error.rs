//! Why a question could not be asked or answered. "No" is an answer and no error.

/// Why a question could not be asked or answered.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum AskError {
    /// No field of this name.
    #[error("there is no field `{id}`{}", hint(.near.as_deref()))]
    UnknownField {
        /// As asked.
        id: String,
        /// A name like it.
        near: Option<String>,
    },
    /// No processor of this name.
    #[error("there is no processor `{id}`{}", hint(.near.as_deref()))]
    UnknownProcessor {
        /// As asked.
        id: String,
        /// A name like it.
        near: Option<String>,
    },
    /// No category of this name.
    #[error("there is no category `{id}`{}", hint(.near.as_deref()))]
    UnknownCategory {
        /// As asked.
        id: String,
        /// A name like it.
        near: Option<String>,
    },
    /// No subject of this name. Names like it are not told: they belong to people.
    #[error("there is no subject `{id}`")]
    UnknownSubject {
        /// As asked.
        id: String,
    },
    /// No authorization of this name.
    #[error("there is no authorization `{id}`")]
    UnknownAuthorization {
        /// As asked.
        id: String,
    },
    /// No such kind of question.
    #[error("there is no question `{kind}`; ask one of {}", super::KINDS.join(", "))]
    UnknownKind {
        /// As asked.
        kind: String,
    },
    /// The question lacks a parameter.
    #[error("the question `{kind}` needs `{parameter}`; on the command line, add --{}", parameter.replace('_', "-"))]
    MissingParameter {
        /// The kind of question.
        kind: &'static str,
        /// What it needs.
        parameter: &'static str,
    },
    /// The question has a parameter that means nothing to it.
    #[error("`{parameter}` means nothing to the question `{kind}`")]
    UnknownParameter {
        /// The kind of question.
        kind: &'static str,
        /// What it does not know.
        parameter: String,
    },
    /// A parameter has a wrong value.
    #[error("`{parameter}` cannot be `{value}`; {expected}")]
    BadParameter {
        /// Which.
        parameter: String,
        /// As given.
        value: String,
        /// What would do.
        expected: String,
    },
    /// The question may know the store up to a commit that is not there.
    #[error("there is no commit {sequence}; the store has commits 1 to {newest}")]
    UnknownCommit {
        /// As asked.
        sequence: u64,
        /// The newest one.
        newest: u64,
    },
    /// The question is judged, and was asked of acts alone.
    #[error("the question `{kind}` needs the facts that judge acts; ask it of a snapshot")]
    NeedsJudging {
        /// The kind of question.
        kind: &'static str,
    },
    /// Standing acts carried more often than a question about single hops looks at.
    #[error(
        "the question `{kind}` looks at each time that a standing act carries something, and these are more than {bound}; ask about one subject with fewer acts, or use reach"
    )]
    Limit {
        /// The kind of question.
        kind: &'static str,
        /// How many it looks at.
        bound: usize,
    },
    /// What was asked for does not say what it would mean for an act of which only the bounds of its instant are known.
    #[error(
        "{what} has no answer yet where only the bounds of an act's time are known, and `{act}` is such an act; the \
             questions of `ask` and the checks know them"
    )]
    UncertainTime {
        /// The first such act.
        act: String,
        /// What was asked for.
        what: String,
    },
    /// The checker does not accept the witness that the search found. Nothing is answered then.
    #[error(
        "the witness of this answer does not hold: {0}; this is a fault of the program, please report it"
    )]
    Witness(#[from] crate::reach::witness::WitnessError),
}

impl AskError {
    /// The stable code.
    pub fn code(&self) -> &'static str {
        match self {
            Self::UnknownField { .. } => "ASK_UNKNOWN_FIELD",
            Self::UnknownProcessor { .. } => "ASK_UNKNOWN_PROCESSOR",
            Self::UnknownCategory { .. } => "ASK_UNKNOWN_CATEGORY",
            Self::UnknownSubject { .. } => "ASK_UNKNOWN_SUBJECT",
            Self::UnknownAuthorization { .. } => "ASK_UNKNOWN_AUTHORIZATION",
            Self::UnknownKind { .. } => "ASK_UNKNOWN_KIND",
            Self::MissingParameter { .. } => "ASK_MISSING_PARAMETER",
            Self::UnknownParameter { .. } => "ASK_UNKNOWN_PARAMETER",
            Self::BadParameter { .. } => "ASK_BAD_PARAMETER",
            Self::UnknownCommit { .. } => "ASK_UNKNOWN_COMMIT",
            Self::NeedsJudging { .. } => "ASK_NEEDS_JUDGING",
            Self::UncertainTime { .. } => "ASK_UNCERTAIN_TIME",
            Self::Limit { .. } => "ASK_LIMIT",
            Self::Witness(_) => "ASK_WITNESS_REFUSED",
        }
    }
}

fn hint(near: Option<&str>) -> String {
    near.map_or_else(String::new, |near| format!("; did you mean `{near}`?"))
}
