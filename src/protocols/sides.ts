import { asymmetric } from "../asymmetric.ts";
import type { Protocol, ProtocolParts } from "../protocol.ts";

/**
 * Returns the protocol of one side: the client writes requests and reads responses, the server the reverse.
 *
 * @throws {RangeError} `side` is neither `"client"` nor `"server"`.
 */
export function protocolOfSide<Request, Response, SentRequest = Request, SentResponse = Response>(
  side: "client" | "server",
  requests: ProtocolParts<Request, SentRequest>,
  responses: ProtocolParts<Response, SentResponse>,
): Protocol<Request, SentResponse> | Protocol<Response, SentRequest> {
  if (side === "server") return asymmetric({ read: requests, write: responses });
  if (side === "client") return asymmetric({ read: responses, write: requests });
  throw new RangeError(`Invalid side ${side}: expected "client" or "server"`);
}
