// SPDX-License-Identifier: Apache-2.0
package io.fairlead.consul;

import io.fairlead.api.HealthCheck;
import io.fairlead.api.Registration;
import io.fairlead.api.ServiceInstance;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.Callable;
import org.kiwiproject.consul.Consul;
import org.kiwiproject.consul.model.State;
import org.kiwiproject.consul.option.Options;
import org.kiwiproject.consul.option.QueryOptions;

/** A process with a small heap that asks one agent for everything, and says in one line each what came of it. */
final class BombChild {
    private BombChild() {}

    public static void main(String[] args) {
        ConsulRegistry registry = ConsulRegistry.builder()
                .address(args[0])
                .timing(ConsulRegistryIT.QUICK)
                .build();
        ConsulRegistry external = ConsulRegistry.builder()
                .address(args[0])
                .externalNode("outside", "10.0.0.1")
                .timing(ConsulRegistryIT.QUICK)
                .build();
        // The first answer of the fake agent is good: what follows a registration is asked too.
        Registration one = registry.register(instance("one"), HealthCheck.ttl());
        Consul client = Consul.builder()
                .withPing(false)
                .withUrl("http://" + args[0])
                .withConsulFailoverInterceptor(new BoundedAnswers())
                .build();
        System.out.println("armed");
        Map<String, Callable<Object>> asked = new LinkedHashMap<>();
        asked.put("register", () -> registry.register(instance("two"), HealthCheck.none()));
        asked.put("register outside", () -> external.register(instance("three"), HealthCheck.none()));
        asked.put("list", () -> registry.list("orders"));
        asked.put("services", registry::services);
        asked.put("deregister", () -> told(one));
        asked.put("check", () -> {
            client.agentClient().check("service:one", State.PASS, "");
            return "";
        });
        asked.put("read", () -> client.agentClient().getService("one", BLANK));
        asked.put("health", () -> client.healthClient().getAllServiceInstances("orders"));
        asked.put("catalog", () -> client.catalogClient().getServices());
        asked.put("kv", () -> client.keyValueClient().getValue("a"));
        asked.put("put", () -> client.keyValueClient().putValue("a", "b"));
        asked.put("event", () -> client.eventClient().fireEvent("deploy"));
        asked.forEach((what, call) -> System.out.println(what + " -> " + outcome(call)));
        System.out.println("end");
        System.exit(0);
    }

    private static final QueryOptions BLANK = Options.BLANK_QUERY_OPTIONS;

    private static Object told(Registration one) {
        one.close();
        return String.valueOf(one.lastError());
    }

    private static String outcome(Callable<Object> call) {
        try {
            Object answer = call.call();
            return "answered " + answer;
        } catch (Throwable failure) {
            StringBuilder chain = new StringBuilder();
            for (Throwable cause = failure; cause != null; cause = cause.getCause()) {
                chain.append(cause).append(" | ");
            }
            return chain.toString().replaceAll("\\s+", " ");
        }
    }

    private static ServiceInstance instance(String id) {
        return ServiceInstance.builder("orders")
                .id(id)
                .address("10.0.0.1", 8080)
                .build();
    }
}
