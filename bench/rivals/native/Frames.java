import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.embedded.EmbeddedChannel;
import io.netty.handler.codec.LengthFieldBasedFrameDecoder;
import java.io.BufferedReader;
import java.io.InputStreamReader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * Length-prefixed frames by Netty's decoder.
 *
 * <pre>java Frames FILE CHUNK_LENGTH</pre>
 */
public final class Frames {
    /** Counts frames, and releases them. */
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

    private static Tally work(List<byte[]> chunks) {
        Tally tally = new Tally();
        EmbeddedChannel channel = new EmbeddedChannel(
            new LengthFieldBasedFrameDecoder(Integer.MAX_VALUE, 0, 4, 0, 4), tally);
        for (byte[] chunk : chunks) {
            channel.pipeline().fireChannelRead(Unpooled.wrappedBuffer(chunk));
            channel.pipeline().fireChannelReadComplete();
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
        Tally tally = work(chunks);
        System.out.printf("{\"frames\":%d,\"lengths\":%d,\"firsts\":%d}%n",
            tally.frames, tally.lengths, tally.firsts);
        BufferedReader input = new BufferedReader(new InputStreamReader(System.in));
        for (String line; (line = input.readLine()) != null;) {
            System.out.println(median(Double.parseDouble(line) * 1e6, chunks));
        }
    }

    private static long median(double nanoseconds, List<byte[]> chunks) {
        List<Long> samples = new ArrayList<>();
        long start = System.nanoTime();
        while (samples.size() < 3 || System.nanoTime() - start < nanoseconds) {
            long before = System.nanoTime();
            work(chunks);
            samples.add(System.nanoTime() - before);
        }
        samples.sort(null);
        return samples.get(samples.size() / 2);
    }
}
