/**
 * Erlang peers, whose option `{packet, 4}` adds a length prefix of four bytes to each message.
 *
 * @module
 */

import { writeFileSync } from "node:fs";
import { Program } from "./programs.ts";
import { temporaryFolder } from "./temporary_folder.ts";

const folder = temporaryFolder();

/** Starts a server that prints its port, and exchanges `count` messages with its first client. */
export function erlangServer(count: number): Program {
  return escript(
    "server",
    `
    {ok, Listener} = gen_tcp:listen(0, [{ip, {127, 0, 0, 1}} | options()]),
    {ok, Port} = inet:port(Listener),
    io:format("~p~n", [Port]),
    {ok, Socket} = gen_tcp:accept(Listener),
    exchange(Socket, ${count}).
  `,
  );
}

/** Starts a client that exchanges `count` messages with the server on a port. */
export function erlangClient(port: number, count: number): Program {
  return escript(
    "client",
    `
    {ok, Socket} = gen_tcp:connect({127, 0, 0, 1}, ${port}, options()),
    exchange(Socket, ${count}).
  `,
  );
}

const EXCHANGE = `
options() -> [binary, {packet, 4}, {active, false}, {nodelay, true}].

message(Number) ->
    <<Number:32, (binary:copy(<<(Number rem 251)>>, Number * 7919 rem 3001))/binary>>.

exchange(Socket, Count) ->
    Self = self(),
    spawn_link(fun() ->
        [ok = gen_tcp:send(Socket, message(Number)) || Number <- lists:seq(0, Count - 1)],
        ok = gen_tcp:shutdown(Socket, write),
        Self ! sent
    end),
    lists:foreach(fun(Number) ->
        Message = message(Number),
        {ok, Message} = gen_tcp:recv(Socket, 0)
    end, lists:seq(0, Count - 1)),
    {error, closed} = gen_tcp:recv(Socket, 0),
    receive sent -> io:format("done~n") end.
`;

function escript(role: string, main: string): Program {
  const file = `${folder}/${role}.erl`;
  writeFileSync(file, `#!/usr/bin/env escript\n%%! +S 1:1\nmain(_) ->${main}${EXCHANGE}`);
  return new Program("env", "ERL_CRASH_DUMP_SECONDS=0", "escript", file);
}
