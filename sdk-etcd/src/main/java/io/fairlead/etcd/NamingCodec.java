// SPDX-License-Identifier: Apache-2.0
package io.fairlead.etcd;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import io.fairlead.api.InstanceStatus;
import io.fairlead.api.ServiceInstance;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.util.Map;

/**
 * An instance as a value: {@code {"Op":0,"Addr":"host:port","Metadata":{…}}}, what Go's official
 * {@code naming/endpoints} writes and reads. Our own fields stand in Metadata; a value without them, or with foreign
 * ones, is an instance with defaults. Stateless, safe for any thread.
 */
final class NamingCodec implements ValueCodec {
    private static final JsonFactory JSON = new JsonFactory();
    private static final int MAX_BYTES = 64 << 10;

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
        if (value.length > MAX_BYTES) {
            throw new IllegalArgumentException(
                    "value of " + value.length + " bytes (expected: at most " + MAX_BYTES + ")");
        }
        ServiceInstance.Builder builder = ServiceInstance.builder(service).id(idOfKey);
        try (JsonParser in = JSON.createParser(value)) {
            if (in.nextToken() != JsonToken.START_OBJECT) {
                throw new IllegalArgumentException("value is no JSON object");
            }
            while (in.nextToken() == JsonToken.FIELD_NAME) {
                String field = in.currentName();
                JsonToken token = in.nextToken();
                if (field.equals("Addr") && token == JsonToken.VALUE_STRING) {
                    HostAndPort.set(builder, in.getText());
                } else if (field.equals("Metadata") && token == JsonToken.START_OBJECT) {
                    metadata(builder, in);
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

    private static void metadata(ServiceInstance.Builder builder, JsonParser in) throws IOException {
        while (in.nextToken() == JsonToken.FIELD_NAME) {
            String field = in.currentName();
            JsonToken token = in.nextToken();
            boolean text = token == JsonToken.VALUE_STRING;
            if (field.equals("id") && text) {
                builder.id(in.getText());
            } else if (field.equals("weight") && token == JsonToken.VALUE_NUMBER_INT) {
                builder.weight(in.getIntValue());
            } else if (field.equals("scheme") && text) {
                builder.scheme(in.getText());
            } else if (field.equals("zone") && text) {
                builder.zone(in.getText());
            } else if (field.equals("version") && text) {
                builder.version(in.getText());
            } else if (field.equals("status") && text) {
                builder.status(status(in.getText()));
            } else if (field.equals("draining") && token == JsonToken.VALUE_TRUE) {
                builder.status(InstanceStatus.DRAINING);
            } else if (field.equals("tags") && token == JsonToken.START_ARRAY) {
                tags(builder, in);
            } else if (field.equals("meta") && token == JsonToken.START_OBJECT) {
                meta(builder, in);
            } else {
                in.skipChildren();
            }
        }
    }

    private static void tags(ServiceInstance.Builder builder, JsonParser in) throws IOException {
        for (JsonToken token = in.nextToken(); token != JsonToken.END_ARRAY; token = in.nextToken()) {
            if (token == null) {
                throw new IOException("unexpected end");
            }
            if (token == JsonToken.VALUE_STRING && !in.getText().isEmpty()) {
                builder.tag(in.getText());
            } else {
                in.skipChildren();
            }
        }
    }

    private static void meta(ServiceInstance.Builder builder, JsonParser in) throws IOException {
        while (in.nextToken() == JsonToken.FIELD_NAME) {
            String key = in.currentName();
            if (in.nextToken() == JsonToken.VALUE_STRING) {
                builder.metadata(key, in.getText());
            } else {
                in.skipChildren();
            }
        }
    }

    private static InstanceStatus status(String word) {
        return switch (word) {
            case "WARNING" -> InstanceStatus.WARNING;
            case "CRITICAL" -> InstanceStatus.CRITICAL;
            case "DRAINING" -> InstanceStatus.DRAINING;
            default -> InstanceStatus.PASSING;
        };
    }
}
