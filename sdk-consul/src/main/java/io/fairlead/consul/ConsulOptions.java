// SPDX-License-Identifier: Apache-2.0
package io.fairlead.consul;

import io.fairlead.api.RegistryException;
import io.fairlead.spi.RegistrationTiming;
import java.time.Duration;
import java.util.List;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** What one Consul registry was configured with. Never prints its token. */
record ConsulOptions(
        String address,
        Supplier<@Nullable String> token,
        Selection selection,
        ConsulRegistry.Consistency consistency,
        @Nullable Tls tls,
        Duration hold,
        RegistrationTiming timing,
        @Nullable ExternalNode externalNode) {

    /** Which instances are asked for, and in which order; nulls for all and any. */
    record Selection(
            @Nullable String datacenter,
            @Nullable String namespace,
            @Nullable String near,
            @Nullable String filter,
            List<String> tags) {}

    /** The node that registrations in the catalog belong to. */
    record ExternalNode(String name, String address) {}

    String baseUrl() {
        return (tls == null ? "http" : "https") + "://" + address;
    }

    /**
     * The ACL token for one request, or null for none.
     *
     * @throws RegistryException when there should be one and it can not be had or sent; never carries the token, also not
     *     in a cause
     */
    @Nullable
    String currentToken() {
        String value;
        try {
            value = token.get();
        } catch (Throwable suppliersOwn) {
            throw unusable("its supplier threw " + suppliersOwn.getClass().getSimpleName());
        }
        if (value == null || value.isEmpty()) {
            return null;
        }
        for (int i = 0; i < value.length(); i++) {
            if (value.charAt(i) <= ' ' || value.charAt(i) > '~') {
                throw unusable(String.format(
                        "character 0x%02x at %d of %d (expected: visible ASCII)",
                        (int) value.charAt(i), i, value.length()));
            }
        }
        return value;
    }

    /** A server's text, in case it repeats the token. */
    String withoutToken(String text) {
        try {
            String secret = currentToken();
            return secret == null ? text : text.replace(secret, "(token)");
        } catch (RegistryException none) {
            return text;
        }
    }

    private RegistryException unusable(String why) {
        return new RegistryException(RegistryException.Reason.UNAUTHORIZED, this + ": ACL token: " + why);
    }

    @Override
    public String toString() {
        return "consul " + baseUrl();
    }
}
