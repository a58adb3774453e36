// SPDX-License-Identifier: Apache-2.0
package io.fairlead.consul;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.fairlead.api.RegistryException;
import io.fairlead.api.RegistryException.Reason;
import io.fairlead.api.ServiceInstance;
import io.fairlead.spi.RegistrationBackend;
import java.io.IOException;
import java.time.Duration;

/**
 * One instance in the catalog, on a node that runs no agent: nobody but us checks it, so its status is what we write. A
 * node with an agent would have it removed by that agent's anti-entropy within minutes.
 */
final class CatalogRecord implements RegistrationBackend {
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final Duration DEADLINE = Duration.ofMillis(2_500);

    private final ConsulHttp http;
    private final ConsulOptions.ExternalNode node;
    private final String id;

    CatalogRecord(ConsulHttp http, ConsulOptions.ExternalNode node, String id) {
        this.http = http;
        this.node = node;
        this.id = id;
    }

    @Override
    public void write(ServiceInstance instance) {
        ObjectNode body = JSON.createObjectNode();
        body.put("Node", node.name()).put("Address", node.address());
        body.putObject("NodeMeta").put("external-node", "true");
        body.set("Service", service(instance));
        body.putObject("Check")
                .put("CheckID", ConsulFormat.ttlCheckId(id))
                .put("Name", instance.service() + " as its registrar sees it")
                .put("ServiceID", id)
                .put("Status", ConsulFormat.word(instance.status()));
        put("/v1/catalog/register", body);
    }

    @Override
    public boolean beat(ServiceInstance instance) {
        return isIntact(instance);
    }

    @Override
    public boolean isIntact(ServiceInstance instance) {
        JsonNode seen = read();
        ObjectNode wanted = service(instance);
        for (String field : new String[] {"Service", "Address", "Port", "Tags", "Meta"}) {
            if (!seen.path(field).equals(wanted.path(field))) {
                return false;
            }
        }
        return seen.path("Weights").path("Passing").asInt() == instance.weight();
    }

    @Override
    public void remove() {
        ObjectNode body = JSON.createObjectNode();
        body.put("Node", node.name()).put("ServiceID", id);
        put("/v1/catalog/deregister", body);
    }

    private static ObjectNode service(ServiceInstance instance) {
        ObjectNode service = JSON.createObjectNode();
        service.put("ID", instance.id())
                .put("Service", instance.service())
                .put("Address", instance.host())
                .put("Port", instance.port());
        instance.tags().forEach(service.putArray("Tags")::add);
        ObjectNode meta = service.putObject("Meta");
        ConsulFormat.meta(instance).forEach(meta::put);
        service.putObject("Weights").put("Passing", instance.weight()).put("Warning", instance.weight());
        return service;
    }

    private JsonNode read() {
        byte[] body = http.getNow("/v1/catalog/node/" + ConsulHttp.encode(node.name()), DEADLINE)
                .body();
        try {
            return JSON.readTree(body).path("Services").path(id);
        } catch (IOException notJson) {
            throw new RegistryException(Reason.INVALID_ANSWER, "consul sent no JSON for node " + node.name(), notJson);
        }
    }

    private void put(String path, ObjectNode body) {
        try {
            http.putNow(path, JSON.writeValueAsBytes(body), DEADLINE);
        } catch (JsonProcessingException impossible) {
            throw new IllegalStateException("writing JSON failed", impossible);
        }
    }
}
