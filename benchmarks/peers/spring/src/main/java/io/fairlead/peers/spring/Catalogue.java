// SPDX-License-Identifier: Apache-2.0
package io.fairlead.peers.spring;

import java.util.List;
import org.springframework.boot.WebApplicationType;
import org.springframework.boot.autoconfigure.EnableAutoConfiguration;
import org.springframework.boot.builder.SpringApplicationBuilder;
import org.springframework.cloud.client.ServiceInstance;
import org.springframework.cloud.client.discovery.DiscoveryClient;
import org.springframework.cloud.client.loadbalancer.LoadBalanced;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.web.client.RestClient;

/** A Spring Boot application as the load balancer's starter makes it, whose discovery client knows one fixed list. */
@Configuration(proxyBeanMethods = false)
@EnableAutoConfiguration
class Catalogue {

    @Bean
    @LoadBalanced
    RestClient.Builder balanced() {
        return RestClient.builder();
    }

    static ConfigurableApplicationContext with(List<ServiceInstance> instances) {
        return new SpringApplicationBuilder(Catalogue.class)
                .web(WebApplicationType.NONE)
                .properties("spring.main.banner-mode=off", "logging.level.root=error")
                .initializers(context -> context.getBeanFactory().registerSingleton("fixed", new Fixed(instances)))
                .run();
    }

    private record Fixed(List<ServiceInstance> instances) implements DiscoveryClient {
        @Override
        public String description() {
            return "one fixed list";
        }

        @Override
        public List<ServiceInstance> getInstances(String serviceId) {
            return instances;
        }

        @Override
        public List<String> getServices() {
            return List.of("orders");
        }
    }
}
