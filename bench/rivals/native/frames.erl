%% Frames by erlang:decode_packet/3, which implements {packet, 4} of sockets.
%%
%%     erl -noshell -run frames main FILE CHUNK_LENGTH
-module(frames).
-export([main/1]).

main([File, Length]) ->
    {ok, Bytes} = file:read_file(File),
    Chunks = chunks(Bytes, list_to_integer(Length)),
    {Frames, Lengths, Firsts} = frames(Chunks, <<>>, {0, 0, 0}),
    io:format("{\"frames\":~b,\"lengths\":~b,\"firsts\":~b}~n", [Frames, Lengths, Firsts]),
    race(Chunks).

race(Chunks) ->
    case io:get_line("") of
        eof ->
            halt();
        Line ->
            End = erlang:monotonic_time(nanosecond) + list_to_integer(string:trim(Line)) * 1000000,
            Samples = lists:sort(samples(Chunks, End, [])),
            io:format("~b~n", [lists:nth(length(Samples) div 2 + 1, Samples)]),
            race(Chunks)
    end.

samples(Chunks, End, Samples) ->
    Before = erlang:monotonic_time(nanosecond),
    frames(Chunks, <<>>, {0, 0, 0}),
    After = erlang:monotonic_time(nanosecond),
    All = [After - Before | Samples],
    case After < End orelse length(All) < 3 of
        true -> samples(Chunks, End, All);
        false -> All
    end.

%% Each chunk has its own memory.
chunks(Bytes, Length) when byte_size(Bytes) > Length ->
    <<Chunk:Length/binary, Rest/binary>> = Bytes,
    [binary:copy(Chunk) | chunks(Rest, Length)];
chunks(Bytes, _) ->
    [Bytes].

frames([], <<>>, Tally) ->
    Tally;
frames(Chunks, Bytes, Tally = {Frames, Lengths, Firsts}) ->
    case erlang:decode_packet(4, Bytes, []) of
        {ok, Frame, Rest} ->
            frames(Chunks, Rest, {Frames + 1, Lengths + byte_size(Frame), Firsts + binary:first(Frame)});
        {more, undefined} ->
            frames(tl(Chunks), <<Bytes/binary, (hd(Chunks))/binary>>, Tally);
        {more, Length} ->
            {More, Others} = take(Chunks, Length - byte_size(Bytes), []),
            frames(Others, iolist_to_binary([Bytes | More]), Tally)
    end.

%% Takes chunks of at least Length bytes together.
take(Chunks, Length, Taken) when Length =< 0 -> {lists:reverse(Taken), Chunks};
take([Chunk | Chunks], Length, Taken) -> take(Chunks, Length - byte_size(Chunk), [Chunk | Taken]).
