// SPDX-License-Identifier: Apache-2.0
package io.fairlead.etcd;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.core.StreamReadConstraints;
import io.fairlead.api.InstanceStatus;
import io.fairlead.api.ServiceInstance;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.util.Map;
import java.util.function.Consumer;

/**
 * An instance as a value: {@code {"Op":0,"Addr":"host:port","Metadata":{…}}}, what Go's official
 * {@code naming/endpoints} writes and reads. Our own fields stand in Metadata; a value without them, or with foreign
 * ones, is an instance with defaults, and so is a bare {@code host:port}. The id is the key's: two keys never claim one.
 * Stateless, safe for any thread.
 */
final class NamingCodec implements ValueCodec {
    /** What we do not read is skipped, however deep or long it is. */
    private static final JsonFactory JSON = JsonFactory.builder()
            .streamReadConstraints(StreamReadConstraints.builder()
                    .maxNestingDepth(MAX_BYTES)
                    .maxNumberLength(MAX_BYTES)
                    .build())
            .build();

    NamingCodec() {}

    @Override
    public byte[] encode(ServiceInstance instance) {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream(256);
        try (JsonGenerator out = JSON.createGenerator(bytes)) {
            out.writeStartObject();
            out.writeNumberField("Op", 0);
            out.writeStringField("Addr", instance.authority());
            out.writeObjectFieldStart("Metadata");
            out.writeStringField("id", instance.id());
            out.writeNumberField("weight", instance.weight());
            out.writeStringField("scheme", instance.scheme());
            if (instance.zone() != null) {
                out.writeStringField("zone", instance.zone());
            }
            if (instance.version() != null) {
                out.writeStringField("version", instance.version());
            }
            if (instance.status() == InstanceStatus.DRAINING) {
                out.writeBooleanField("draining", true);
            } else if (instance.status() != InstanceStatus.PASSING) {
                out.writeStringField("status", instance.status().name());
            }
            out.writeArrayFieldStart("tags");
            for (String tag : instance.tags()) {
                out.writeString(tag);
            }
            out.writeEndArray();
            out.writeObjectFieldStart("meta");
            for (Map.Entry<String, String> entry : instance.metadata().entrySet()) {
                out.writeStringField(entry.getKey(), entry.getValue());
            }
            out.writeEndObject();
            out.writeEndObject();
            out.writeEndObject();
        } catch (IOException impossible) {
            throw new IllegalStateException("writing to memory failed", impossible);
        }
        return bytes.toByteArray();
    }

    @Override
    public ServiceInstance decode(String service, String idOfKey, byte[] value) {
        return decode(service, idOfKey, value, leftOut -> {});
    }

    @Override
    public ServiceInstance decode(String service, String idOfKey, byte[] value, Consumer<String> onLeftOut) {
        if (value.length > MAX_BYTES) {
            throw new IllegalArgumentException(
                    "value of " + value.length + " bytes (expected: at most " + MAX_BYTES + ")");
        }
        ServiceInstance.Builder builder =
                ServiceInstance.reader(service, onLeftOut).id(idOfKey);
        if (!isObject(value)) {
            HostAndPort.set(builder, new String(value, UTF_8));
            return builder.build();
        }
        try (JsonParser in = JSON.createParser(value)) {
            JsonToken start = in.nextToken();
            if (start != JsonToken.START_OBJECT) {
                throw new IllegalArgumentException("value is no JSON object");
            }
            NamingFields fields = new NamingFields(builder, in, onLeftOut);
            while (in.nextToken() == JsonToken.FIELD_NAME) {
                String field = in.currentName();
                JsonToken token = in.nextToken();
                // Go reads field names in any case.
                if (field.equalsIgnoreCase("Addr") && token == JsonToken.VALUE_STRING) {
                    HostAndPort.set(builder, in.getText());
                } else if (field.equalsIgnoreCase("Metadata") && token == JsonToken.START_OBJECT) {
                    fields.read();
                } else {
                    in.skipChildren();
                }
            }
        } catch (IOException malformed) {
            throw new IllegalArgumentException(
                    "value is no JSON: " + malformed.getClass().getSimpleName(), malformed);
        }
        return builder.build();
    }

    /** By its first character that is neither blank nor a byte order mark. */
    private static boolean isObject(byte[] value) {
        for (byte each : value) {
            if (each > ' ') {
                return each == '{';
            }
        }
        return false;
    }
}
