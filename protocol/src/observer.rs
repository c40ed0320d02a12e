//! Observers: a look at each frame that a receiver decodes, beside the messages.

use crate::frame::{Header, InvalidHeader};

/// Observer of the frames that a [`Receiver`](crate::Receiver) decodes. `()` is the observer that looks at
/// none, and costs nothing.
pub trait Observer {
    /// Called with each header, also of a frame that then is a violation.
    fn begin(&mut self, header: &Header);

    /// Called with a header that is a violation in itself, the last one.
    fn refuse(&mut self, header: &InvalidHeader);

    /// Called with the number of bytes that a part of the frame's payload inflated to.
    fn inflate(&mut self, bytes: usize);

    /// Called once the payload of the frame is complete.
    fn end(&mut self);
}

impl Observer for () {
    fn begin(&mut self, _: &Header) {}

    fn refuse(&mut self, _: &InvalidHeader) {}

    fn inflate(&mut self, _: usize) {}

    fn end(&mut self) {}
}

/// An observer that can be turned on and off.
impl<O: Observer> Observer for Option<O> {
    fn begin(&mut self, header: &Header) {
        if let Some(observer) = self {
            observer.begin(header);
        }
    }

    fn refuse(&mut self, header: &InvalidHeader) {
        if let Some(observer) = self {
            observer.refuse(header);
        }
    }

    fn inflate(&mut self, bytes: usize) {
        if let Some(observer) = self {
            observer.inflate(bytes);
        }
    }

    fn end(&mut self) {
        if let Some(observer) = self {
            observer.end();
        }
    }
}

/// Frame as it was received: opcode, FIN, RSV1, masking key and length on the wire are in its header.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct FrameRecord {
    /// Header of the frame.
    pub header: Header,
    /// Bytes that the payload inflated to; `None` if it is not compressed. A compressor may hold bytes
    /// back: those that inflate to a message may end in a later frame than those that say so.
    pub inflated: Option<u64>,
}

/// Observer that keeps the complete frames until they are taken: 48 bytes for each frame since.
#[derive(Clone, Debug, Default)]
pub struct FrameLog {
    /// Frames received to their end.
    complete: Vec<FrameRecord>,
    /// Frame whose payload is still arriving.
    incomplete: Option<FrameRecord>,
    /// Header that ended the connection.
    refused: Option<InvalidHeader>,
}

impl FrameLog {
    /// Takes the frames that are complete, in the order received.
    pub fn take(&mut self) -> Vec<FrameRecord> {
        std::mem::take(&mut self.complete)
    }

    /// Frame that has begun and is not complete. After a violation, the frame that it was found in, unless
    /// that one was [refused](Self::refused).
    #[must_use]
    pub fn incomplete(&self) -> Option<FrameRecord> {
        self.incomplete
    }

    /// Header that was a violation in itself.
    #[must_use]
    pub fn refused(&self) -> Option<InvalidHeader> {
        self.refused
    }
}

impl Observer for FrameLog {
    fn begin(&mut self, header: &Header) {
        self.incomplete = Some(FrameRecord { header: *header, inflated: None });
    }

    fn refuse(&mut self, header: &InvalidHeader) {
        self.refused = Some(*header);
    }

    fn inflate(&mut self, bytes: usize) {
        if let Some(frame) = &mut self.incomplete {
            *frame.inflated.get_or_insert(0) += bytes as u64;
        }
    }

    fn end(&mut self) {
        self.complete.extend(self.incomplete.take());
    }
}
