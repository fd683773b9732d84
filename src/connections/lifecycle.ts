import { ConnectionError, type TimeoutOption } from "../errors.ts";
import type { SenderEvents } from "../flow/sender.ts";
import type { FrameDecoder } from "../frame_decoder.ts";
import type { Receiver } from "../flow/receiver.ts";
import type { Sender } from "../flow/sender.ts";
import type { Tap } from "../taps/tap.ts";
import type { Transport } from "../transports/transport.ts";
import { type CloseReason, reasonOf } from "./close_reason.ts";
