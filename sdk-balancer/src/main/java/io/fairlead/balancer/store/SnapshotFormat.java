// SPDX-License-Identifier: Apache-2.0
package io.fairlead.balancer.store;

import io.fairlead.api.InstanceStatus;
import io.fairlead.api.ServiceInstance;
import io.fairlead.api.ServiceSnapshot;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import java.util.zip.CRC32C;

/**
 * A list as bytes: {@code FLS2}, the CRC-32C of the rest, what it was read from, the service, then each instance with its
 * length in front, so that one that this version can not read costs no other. What is read is validated like anything a
 * registry says. Stateless, safe for any thread.
 */
final class SnapshotFormat {
    private static final int MAGIC = 0x464c5332;
    private static final int HEADER = 8;

    private SnapshotFormat() {}

    static byte[] encode(String source, ServiceSnapshot snapshot) throws IOException {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try (DataOutputStream out = new DataOutputStream(bytes)) {
            out.writeLong(0); // the header's place
            write(out, source);
            write(out, snapshot.service());
            out.writeInt(snapshot.instances().size());
            for (ServiceInstance instance : snapshot.instances()) {
                write(out, bytesOf(instance));
            }
        }
        byte[] whole = bytes.toByteArray();
        ByteBuffer.wrap(whole).putInt(MAGIC).putInt(checksum(whole));
        return whole;
    }

    /**
     * The list.
     *
     * @param onUnusable hears of each instance that is left out
     * @throws IOException when it is not whole, or of another service or registry
     */
    static ServiceSnapshot decode(String source, String service, byte[] bytes, Consumer<Exception> onUnusable)
            throws IOException {
        ByteBuffer header = ByteBuffer.wrap(bytes);
        if (bytes.length < HEADER || header.getInt() != MAGIC || header.getInt() != checksum(bytes)) {
            throw new IOException("stored list of '" + service + "' is damaged");
        }
        try (DataInputStream in = new DataInputStream(new ByteArrayInputStream(bytes, HEADER, bytes.length - HEADER))) {
            String from = text(in);
            String name = text(in);
            if (!name.equals(service) || !from.equals(source)) {
                throw new IOException(
                        "stored list is of '" + name + "' in " + from + ", not of '" + service + "' in " + source);
            }
            int count = in.readInt();
            List<ServiceInstance> instances = new ArrayList<>();
            for (int i = 0; i < count; i++) {
                byte[] entry = bytes(in);
                try {
                    instances.add(read(new DataInputStream(new ByteArrayInputStream(entry)), service));
                } catch (IOException | IllegalArgumentException unusable) {
                    onUnusable.accept(unusable);
                }
            }
            return new ServiceSnapshot(service, 0, instances);
        } catch (IllegalArgumentException invalid) {
            throw new IOException("stored list of '" + service + "' is impossible", invalid);
        }
    }

    private static byte[] bytesOf(ServiceInstance instance) throws IOException {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try (DataOutputStream out = new DataOutputStream(bytes)) {
            write(out, instance.id());
            write(out, instance.host());
            out.writeInt(instance.port());
            write(out, instance.scheme());
            out.writeInt(instance.weight());
            write(out, instance.zone() == null ? "" : instance.zone());
            write(out, instance.version() == null ? "" : instance.version());
            write(out, instance.status().name());
            out.writeInt(instance.tags().size());
            for (String tag : instance.tags()) {
                write(out, tag);
            }
            out.writeInt(instance.metadata().size());
            for (var entry : instance.metadata().entrySet()) {
                write(out, entry.getKey());
                write(out, entry.getValue());
            }
        }
        return bytes.toByteArray();
    }

    private static ServiceInstance read(DataInputStream in, String service) throws IOException {
        ServiceInstance.Builder builder = ServiceInstance.builder(service)
                .id(text(in))
                .address(text(in), in.readInt())
                .scheme(text(in))
                .weight(in.readInt())
                .zone(text(in))
                .version(text(in))
                .status(InstanceStatus.valueOf(text(in)));
        int tags = in.readInt();
        for (int i = 0; i < tags; i++) {
            builder.tag(text(in));
        }
        int entries = in.readInt();
        for (int i = 0; i < entries; i++) {
            builder.metadata(text(in), text(in));
        }
        return builder.build();
    }

    private static void write(DataOutputStream out, String text) throws IOException {
        write(out, text.getBytes(StandardCharsets.UTF_8));
    }

    private static void write(DataOutputStream out, byte[] bytes) throws IOException {
        out.writeInt(bytes.length);
        out.write(bytes);
    }

    private static String text(DataInputStream in) throws IOException {
        return new String(bytes(in), StandardCharsets.UTF_8);
    }

    /** Checks a length against what is left before memory is reserved for it. */
    private static byte[] bytes(DataInputStream in) throws IOException {
        int length = in.readInt();
        if (length < 0 || length > in.available()) {
            throw new EOFException("stored text of " + length + " bytes, of which " + in.available() + " are there");
        }
        return in.readNBytes(length);
    }

    private static int checksum(byte[] whole) {
        CRC32C sum = new CRC32C();
        sum.update(whole, HEADER, whole.length - HEADER);
        return (int) sum.getValue();
    }
}
