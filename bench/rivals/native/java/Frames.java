import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelHandler;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelPipeline;
import io.netty.channel.embedded.EmbeddedChannel;
import io.netty.handler.codec.DelimiterBasedFrameDecoder;
import io.netty.handler.codec.LengthFieldBasedFrameDecoder;
import io.netty.handler.codec.LineBasedFrameDecoder;
import io.netty.handler.codec.protobuf.ProtobufVarint32FrameDecoder;
import java.io.BufferedReader;
import java.io.InputStreamReader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * Frames by Netty's decoders.
 *
 * <pre>java Frames FILE CHUNK_LENGTH uint32|varint|lf|block</pre>
 */
public final class Frames {
    private static final int NO_LIMIT = Integer.MAX_VALUE;

    /** Counts frames, and lets them go. */
    private static final class Tally extends ChannelInboundHandlerAdapter {
        private long frames;
        private long lengths;
        private long firsts;

        @Override
        public void channelRead(ChannelHandlerContext context, Object message) {
            ByteBuf frame = (ByteBuf) message;
            frames++;
            lengths += frame.readableBytes();
            firsts += frame.getUnsignedByte(frame.readerIndex());
            frame.release();
        }
    }

    private static ChannelHandler decoder(String framing) {
        switch (framing) {
            case "uint32":
                return new LengthFieldBasedFrameDecoder(NO_LIMIT, 0, 4, 0, 4);
            case "varint":
                return new ProtobufVarint32FrameDecoder();
            case "lf":
                return new LineBasedFrameDecoder(NO_LIMIT);
            default:
                return new DelimiterBasedFrameDecoder(
                    NO_LIMIT, Unpooled.wrappedBuffer(new byte[] {'\r', '\n', '\r', '\n'}));
        }
    }

    private static Tally work(List<byte[]> chunks, String framing) {
        Tally tally = new Tally();
        EmbeddedChannel channel = new EmbeddedChannel(decoder(framing), tally);
        ChannelPipeline pipeline = channel.pipeline();
        for (byte[] chunk : chunks) {
            pipeline.fireChannelRead(Unpooled.wrappedBuffer(chunk));
            pipeline.fireChannelReadComplete();
        }
        channel.finishAndReleaseAll();
        return tally;
    }

    public static void main(String[] arguments) throws Exception {
        byte[] bytes = Files.readAllBytes(Path.of(arguments[0]));
        int length = Integer.parseInt(arguments[1]);
        List<byte[]> chunks = new ArrayList<>();
        for (int at = 0; at < bytes.length; at += length) {
            chunks.add(Arrays.copyOfRange(bytes, at, Math.min(at + length, bytes.length)));
        }
        Tally tally = work(chunks, arguments[2]);
        System.out.printf("{\"frames\":%d,\"lengths\":%d,\"firsts\":%d}%n",
            tally.frames, tally.lengths, tally.firsts);
        BufferedReader input = new BufferedReader(new InputStreamReader(System.in));
        for (String line; (line = input.readLine()) != null;) {
            System.out.println(median(Double.parseDouble(line) * 1e6, chunks, arguments[2]));
        }
    }

    private static long median(double nanoseconds, List<byte[]> chunks, String framing) {
        List<Long> samples = new ArrayList<>();
        long start = System.nanoTime();
        while (samples.size() < 3 || System.nanoTime() - start < nanoseconds) {
            long before = System.nanoTime();
            work(chunks, framing);
            samples.add(System.nanoTime() - before);
        }
        samples.sort(null);
        return samples.get(samples.size() / 2);
    }
}
