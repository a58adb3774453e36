// SPDX-License-Identifier: Apache-2.0
package io.fairlead.spi.kit;

import io.fairlead.api.CheckEndpoint;
import io.fairlead.api.HealthCheck;
import io.fairlead.api.InstanceStatus;
import io.fairlead.api.ServiceInstance;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.net.InetAddress;
import java.nio.charset.StandardCharsets;

/**
 * Asks the standard gRPC health service one question over cleartext HTTP/2 with prior knowledge (RFC 9113, section 3.3),
 * which the JDK's client can not do. It writes the preface, one request with literal header fields, and reads frames
 * until the data of the answer arrives; header blocks are skipped unread.
 */
final class GrpcHealthProbe {
    private static final byte[] PREFACE = "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n".getBytes(StandardCharsets.US_ASCII);
    private static final int DATA = 0;
    private static final int HEADERS = 1;
    private static final int SETTINGS = 4;
    private static final int PING = 6;
    private static final int ACK = 1;
    private static final int END_STREAM = 1;
    private static final int END_HEADERS = 4;
    private static final int MAX_FRAME = 1 << 14;
    private static final int SERVING = 1;

    private GrpcHealthProbe() {}

    static InstanceStatus check(ServiceInstance instance, InetAddress address, HealthCheck check) throws IOException {
        CheckEndpoint endpoint = check.endpoint();
        try (ProbeSocket socket = ProbeSocket.connect(address, endpoint.portOf(instance), check.timeout())) {
            if (endpoint.schemeOf(instance).equals("https")) {
                socket.secure(endpoint.serverNameOf(instance), endpoint.verifyTls(), "h2");
            }
            DataOutputStream out = new DataOutputStream(socket.out());
            out.write(PREFACE);
            frame(out, SETTINGS, 0, 0, new byte[0]);
            frame(out, HEADERS, END_HEADERS, 1, requestHeaders(endpoint.authorityOf(instance)));
            frame(out, DATA, END_STREAM, 1, message(check.target()));
            out.flush();
            return readStatus(new DataInputStream(socket.in()), out);
        }
    }

    private static InstanceStatus readStatus(DataInputStream in, DataOutputStream out) throws IOException {
        ByteArrayOutputStream data = new ByteArrayOutputStream();
        for (int frames = 0; frames < 100; frames++) {
            int length = in.readUnsignedByte() << 16 | in.readUnsignedShort();
            int type = in.readUnsignedByte();
            int flags = in.readUnsignedByte();
            int stream = in.readInt() & Integer.MAX_VALUE;
            if (length > MAX_FRAME) {
                throw new IOException("frame of " + length + " bytes (expected: at most " + MAX_FRAME + ")");
            }
            byte[] payload = in.readNBytes(length);
            if (type == SETTINGS && (flags & ACK) == 0 || type == PING && (flags & ACK) == 0) {
                frame(out, type, ACK, 0, type == PING ? payload : new byte[0]);
                out.flush();
            } else if (type == DATA && stream == 1) {
                data.write(payload);
            }
            boolean complete = data.size() >= 5 && data.size() >= 5 + data.toByteArray()[4];
            if (complete || stream == 1 && (flags & END_STREAM) != 0 && (type == DATA || type == HEADERS)) {
                int status = servingStatus(data.toByteArray());
                if (status != SERVING) {
                    throw new IOException("the gRPC health service answered " + status + " (expected: 1, SERVING)");
                }
                return InstanceStatus.PASSING;
            }
        }
        throw new IOException("no health answer within 100 frames");
    }

    /** The enum in field 1 of {@code HealthCheckResponse}, behind the 5-byte gRPC prefix; 0 when absent. */
    private static int servingStatus(byte[] data) {
        return data.length >= 7 && data[5] == 0x08 ? data[6] : 0;
    }

    private static byte[] message(String service) {
        byte[] name = service.getBytes(StandardCharsets.UTF_8);
        ByteArrayOutputStream body = new ByteArrayOutputStream();
        if (name.length > 0) {
            body.write(0x0a);
            for (int rest = name.length; ; rest >>>= 7) {
                body.write(rest > 0x7f ? rest & 0x7f | 0x80 : rest);
                if (rest <= 0x7f) {
                    break;
                }
            }
            body.writeBytes(name);
        }
        int length = body.size();
        ByteArrayOutputStream prefixed = new ByteArrayOutputStream();
        prefixed.writeBytes(
                new byte[] {0, (byte) (length >> 24), (byte) (length >> 16), (byte) (length >> 8), (byte) length});
        prefixed.writeBytes(body.toByteArray());
        return prefixed.toByteArray();
    }

    private static byte[] requestHeaders(String authority) {
        ByteArrayOutputStream block = new ByteArrayOutputStream();
        literal(block, ":method", "POST");
        literal(block, ":scheme", "http");
        literal(block, ":path", "/grpc.health.v1.Health/Check");
        literal(block, ":authority", authority);
        literal(block, "content-type", "application/grpc");
        literal(block, "te", "trailers");
        return block.toByteArray();
    }

    /** HPACK literal field without indexing, new name, no Huffman code (RFC 7541, section 6.2.2). */
    private static void literal(ByteArrayOutputStream block, String name, String value) {
        block.write(0);
        for (String text : new String[] {name, value}) {
            byte[] bytes = text.getBytes(StandardCharsets.US_ASCII);
            if (bytes.length < 127) {
                block.write(bytes.length);
            } else {
                block.write(127);
                int rest = bytes.length - 127;
                for (; rest >= 128; rest >>>= 7) {
                    block.write(rest & 0x7f | 0x80);
                }
                block.write(rest);
            }
            block.writeBytes(bytes);
        }
    }

    private static void frame(DataOutputStream out, int type, int flags, int stream, byte[] payload)
            throws IOException {
        out.writeByte(payload.length >> 16);
        out.writeShort(payload.length);
        out.writeByte(type);
        out.writeByte(flags);
        out.writeInt(stream);
        out.write(payload);
    }
}
