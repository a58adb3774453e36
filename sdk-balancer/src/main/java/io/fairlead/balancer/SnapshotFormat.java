// SPDX-License-Identifier: Apache-2.0
package io.fairlead.balancer;

import io.fairlead.api.InstanceStatus;
import io.fairlead.api.ServiceInstance;
import io.fairlead.api.ServiceSnapshot;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.zip.CRC32C;

/**
 * A list as bytes: {@code FLS1}, the CRC-32C of the rest, the service, then each instance field by field. What is read is
 * validated like anything a registry says. Stateless, safe for any thread.
 */
final class SnapshotFormat {
    private static final int MAGIC = 0x464c5331;
    private static final int HEADER = 8;

    private SnapshotFormat() {}

    static byte[] encode(ServiceSnapshot snapshot) throws IOException {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try (DataOutputStream out = new DataOutputStream(bytes)) {
            out.writeLong(0); // the header's place
            out.writeUTF(snapshot.service());
            out.writeInt(snapshot.instances().size());
            for (ServiceInstance instance : snapshot.instances()) {
                write(out, instance);
            }
        }
        byte[] whole = bytes.toByteArray();
        ByteBuffer.wrap(whole).putInt(MAGIC).putInt(checksum(whole));
        return whole;
    }

    /**
     * The list.
     *
     * @throws IOException when it is not whole, or of another service
     */
    static ServiceSnapshot decode(String service, byte[] bytes) throws IOException {
        ByteBuffer header = ByteBuffer.wrap(bytes);
        if (bytes.length < HEADER || header.getInt() != MAGIC || header.getInt() != checksum(bytes)) {
            throw new IOException("stored list of '" + service + "' is damaged");
        }
        try (DataInputStream in = new DataInputStream(new ByteArrayInputStream(bytes, HEADER, bytes.length - HEADER))) {
            String name = in.readUTF();
            if (!name.equals(service)) {
                throw new IOException("stored list is of '" + name + "', not of '" + service + "'");
            }
            int count = in.readInt();
            List<ServiceInstance> instances = new ArrayList<>();
            for (int i = 0; i < count; i++) {
                instances.add(read(in, service));
            }
            return new ServiceSnapshot(service, 0, instances);
        } catch (IllegalArgumentException invalid) {
            throw new IOException("stored list of '" + service + "' has an impossible instance", invalid);
        }
    }

    private static void write(DataOutputStream out, ServiceInstance instance) throws IOException {
        out.writeUTF(instance.id());
        out.writeUTF(instance.host());
        out.writeInt(instance.port());
        out.writeUTF(instance.scheme());
        out.writeInt(instance.weight());
        out.writeUTF(instance.zone() == null ? "" : instance.zone());
        out.writeUTF(instance.version() == null ? "" : instance.version());
        out.writeUTF(instance.status().name());
        out.writeInt(instance.tags().size());
        for (String tag : instance.tags()) {
            out.writeUTF(tag);
        }
        out.writeInt(instance.metadata().size());
        for (var entry : instance.metadata().entrySet()) {
            out.writeUTF(entry.getKey());
            out.writeUTF(entry.getValue());
        }
    }

    private static ServiceInstance read(DataInputStream in, String service) throws IOException {
        ServiceInstance.Builder builder = ServiceInstance.builder(service)
                .id(in.readUTF())
                .address(in.readUTF(), in.readInt())
                .scheme(in.readUTF())
                .weight(in.readInt())
                .zone(in.readUTF())
                .version(in.readUTF())
                .status(InstanceStatus.valueOf(in.readUTF()));
        int tags = in.readInt();
        for (int i = 0; i < tags; i++) {
            builder.tag(in.readUTF());
        }
        int entries = in.readInt();
        for (int i = 0; i < entries; i++) {
            builder.metadata(in.readUTF(), in.readUTF());
        }
        return builder.build();
    }

    private static int checksum(byte[] whole) {
        CRC32C sum = new CRC32C();
        sum.update(whole, HEADER, whole.length - HEADER);
        return (int) sum.getValue();
    }
}
