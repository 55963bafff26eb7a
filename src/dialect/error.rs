//! What a dialect refuses. No text here ever holds a value of a request or of a secret.

use crate::call::Language;

/// Why a request is not taken for the provider's; for the log only.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum BadSignature {
    #[error("the profile has no secret that could check this request")]
    NoSecret,
    #[error("the header `{0}` is missing")]
    Missing(&'static str),
    #[error("the header `{0}` cannot be read, or is there twice")]
    Malformed(&'static str),
    #[error("the signature asks for an algorithm that is not known")]
    UnknownAlgorithm,
    #[error("the body cannot be read as a form, so its signature cannot be checked")]
    MalformedBody,
    #[error("the body is not covered by the signature: the URL has no right `bodySHA256`")]
    BodyNotCovered,
    #[error("the parameters are not covered by the signature: set the provider's method to POST")]
    ParametersNotCovered,
    #[error("the request was signed more than {window_s} s ago, or that much ahead of our clock")]
    TooOld { window_s: u32 },
    #[error("the signature is not right for the configured public URL, the body and any of the secrets")]
    Wrong,
}

/// Why a request or a document cannot be understood.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Unreadable {
    #[error("the method is neither POST nor GET")]
    Method,
    #[error("a POST has to carry a form (application/x-www-form-urlencoded)")]
    NotAForm,
    #[error("the form is not properly percent-encoded UTF-8")]
    Encoding,
    #[error("the parameter `{0}` is missing")]
    Missing(&'static str),
    #[error("the parameter `{0}` has two values")]
    Twice(&'static str),
    #[error("the parameter `{0}` has a value that it cannot have")]
    Bad(&'static str),
    #[error("the document is not well-formed XML: {0}")]
    NotXml(&'static str),
    #[error("the document has {size_bytes} bytes; the provider reads at most {most_bytes}")]
    TooLarge { size_bytes: usize, most_bytes: usize },
    #[error("a <Say> of the document says nothing")]
    EmptyText,
    #[error("a <Say> of the document is longer than the provider reads out: {0}")]
    LongText(&'static str),
    /// The document has something that we never write.
    #[error("the document's <{element}> is not understood: {why}")]
    Document { element: String, why: &'static str },
}

/// What a reply asks that the provider cannot do.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Unsupported {
    #[error("the profile has no voice for the language `{0}`")]
    NoVoice(Language),
    #[error("a dial needs at least one number")]
    NobodyToDial,
    #[error("a dial rings {count} numbers; the provider rings at most {most} at once")]
    TooManyNumbers { count: usize, most: usize },
    #[error("a dial has an address of a kind that the provider cannot ring")]
    Address,
    #[error("the provider cannot record a talk")]
    RecordedTalk,
    #[error("a call can be refused only by its first reply, before anything is said")]
    RefusedTooLate,
    #[error("the document has {size_bytes} bytes; the provider reads at most {most_bytes}")]
    TooLarge { size_bytes: usize, most_bytes: usize },
}

/// What is wrong with a secret; says what was expected, never what was found.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum BadSecret {
    #[error("no secret is given")]
    None,
    #[error("a secret is expected to be one word of visible ASCII characters; separate several by commas")]
    NotAWord,
    #[error("a public key is expected to be the base64 text of 32 bytes (44 characters) that the portal shows")]
    NotAPublicKey,
}

/// Why the provider's side of a request cannot be made up.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum CannotReport {
    #[error("the profile has no secret that can sign; a public key can only check")]
    NoSigningSecret,
}

/// What is wrong with the fragment of a URL, which tells a provider how to ask for it.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum BadOverride {
    #[error("`{0}` in the fragment of a URL is not of the form key=value; join several with &")]
    Form(String),
    #[error("the provider does not know `{0}` in the fragment of a URL")]
    Unknown(String),
    #[error("`{key}={value}` in the fragment of a URL is none of the values that the provider takes")]
    Value { key: String, value: String },
}
