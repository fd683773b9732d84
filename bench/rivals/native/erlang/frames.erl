%% Frames by erlang:decode_packet/3, which is what {packet, 4} and {packet, line} of a socket use.
%%
%%     erl -noshell -run frames main FILE CHUNK_LENGTH uint32|lf
-module(frames).
-export([main/1]).

main([File, Length, Framing]) ->
    {ok, Bytes} = file:read_file(File),
    Chunks = chunks(Bytes, list_to_integer(Length)),
    Work = fun() -> found(Framing, Chunks) end,
    {Frames, Lengths, Firsts} = Work(),
    io:format("{\"frames\":~b,\"lengths\":~b,\"firsts\":~b}~n", [Frames, Lengths, Firsts]),
    race(Work).

race(Work) ->
    case io:get_line("") of
        eof ->
            halt();
        Line ->
            Time = list_to_integer(string:trim(Line)) * 1000000,
            io:format("~b~n", [median(samples(Work, erlang:monotonic_time(nanosecond) + Time, []))]),
            race(Work)
    end.

samples(Work, End, Samples) ->
    Before = erlang:monotonic_time(nanosecond),
    Work(),
    After = erlang:monotonic_time(nanosecond),
    All = [After - Before | Samples],
    case After < End orelse length(All) < 3 of
        true -> samples(Work, End, All);
        false -> All
    end.

median(Samples) ->
    lists:nth(length(Samples) div 2 + 1, lists:sort(Samples)).

%% Memory of its own for each chunk.
chunks(Bytes, Length) when byte_size(Bytes) > Length ->
    <<Chunk:Length/binary, Rest/binary>> = Bytes,
    [binary:copy(Chunk) | chunks(Rest, Length)];
chunks(Bytes, _) ->
    [Bytes].

found("uint32", Chunks) -> counted(Chunks, <<>>, {0, 0, 0});
found("lf", Chunks) -> lines(Chunks, <<>>, {0, 0, 0}).

counted([], <<>>, Tally) ->
    Tally;
counted(Chunks, Bytes, Tally = {Frames, Lengths, Firsts}) ->
    case erlang:decode_packet(4, Bytes, []) of
        {ok, Frame, Rest} ->
            counted(Chunks, Rest, {Frames + 1, Lengths + byte_size(Frame), Firsts + binary:first(Frame)});
        {more, undefined} ->
            counted(tl(Chunks), <<Bytes/binary, (hd(Chunks))/binary>>, Tally);
        {more, Length} ->
            {More, Others} = take(Chunks, Length - byte_size(Bytes), []),
            counted(Others, iolist_to_binary([Bytes | More]), Tally)
    end.

%% So many chunks as hold so many bytes.
take(Chunks, Length, Taken) when Length =< 0 -> {lists:reverse(Taken), Chunks};
take([Chunk | Chunks], Length, Taken) -> take(Chunks, Length - byte_size(Chunk), [Chunk | Taken]).

lines([], <<>>, Tally) ->
    Tally;
lines(Chunks, Bytes, Tally = {Frames, Lengths, Firsts}) ->
    case erlang:decode_packet(line, Bytes, []) of
        {ok, Line, Rest} ->
            lines(Chunks, Rest, {Frames + 1, Lengths + byte_size(Line) - 1, Firsts + binary:first(Line)});
        {more, _} ->
            lines(tl(Chunks), <<Bytes/binary, (hd(Chunks))/binary>>, Tally)
    end.
