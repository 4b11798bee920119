//! The outermost layer of DER, X.690 8.9: the elements of a SEQUENCE as they stand, and a SEQUENCE of such elements.

use der::{Decode, Encode, Error, Tag, asn1::AnyRef};

/// The elements of a SEQUENCE, each with its tag and length.
pub(super) fn elements(der: &[u8]) -> Result<Vec<Vec<u8>>, Error> {
    let mut rest = AnyRef::from_der(der)?.value();
    let mut elements = Vec::new();
    while !rest.is_empty() {
        let (element, tail) = AnyRef::from_der_partial(rest)?;
        elements.push(element.to_der()?);
        rest = tail;
    }
    Ok(elements)
}

/// A SEQUENCE of elements that are encoded already.
pub(super) fn sequence(elements: &[&[u8]]) -> Result<Vec<u8>, Error> {
    AnyRef::new(Tag::Sequence, &elements.concat())?.to_der()
}
