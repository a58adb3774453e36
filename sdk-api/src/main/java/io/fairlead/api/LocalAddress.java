// SPDX-License-Identifier: Apache-2.0
package io.fairlead.api;

import io.fairlead.spi.CidrBlock;
import java.net.Inet6Address;
import java.net.InetAddress;
import java.net.InterfaceAddress;
import java.net.NetworkInterface;
import java.net.SocketException;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * The address of this machine that others should call, and why it was chosen. An immutable value.
 *
 * <p>Loopback, link-local, multicast and unspecified addresses, and those of interfaces that are down, are never chosen.
 * Of the others, one in a preferred network wins, in the order the networks were given; then IPv4 before IPv6 unless
 * asked otherwise; then a physical interface before one that looks like a container bridge; then the interface that
 * comes first.
 *
 * @param host the address, without brackets or scope
 * @param networkInterface name of the interface that has it
 * @param explanation one line that says why, and what else there was
 */
public record LocalAddress(String host, String networkInterface, String explanation) {

    /** One address this machine has; what {@link Finder} chooses from. */
    record Candidate(String networkInterface, int index, boolean up, boolean isVirtual, InetAddress address) {
        String host() {
            String text = address.getHostAddress();
            int scope = text.indexOf('%');
            return scope < 0 ? text : text.substring(0, scope);
        }

        @Nullable
        String objection() {
            if (!up) {
                return "interface is down";
            }
            if (address.isLoopbackAddress()) {
                return "loopback";
            }
            if (address.isLinkLocalAddress()) {
                return "link-local";
            }
            return address.isAnyLocalAddress() || address.isMulticastAddress() ? "not an address to call" : null;
        }
    }

    /** Without preferences. */
    public static Finder finder() {
        return new Finder();
    }

    /** Preferences; not thread-safe. */
    public static final class Finder {
        private final List<CidrBlock> networks = new ArrayList<>();
        private @Nullable String wantedInterface;
        private boolean ipv6First;

        private Finder() {}

        /** Prefers addresses in this block, as in {@code 10.0.0.0/8}; may be repeated, the first given wins. */
        public Finder preferNetwork(String cidr) {
            networks.add(CidrBlock.parse(cidr));
            return this;
        }

        /** Takes only addresses of this interface, as in {@code eth0}. */
        public Finder onInterface(String name) {
            this.wantedInterface = name;
            return this;
        }

        /** Prefers IPv6 to IPv4. */
        public Finder preferIpv6() {
            this.ipv6First = true;
            return this;
        }

        /**
         * Looks at the machine's interfaces.
         *
         * @throws IllegalStateException when no address fits; says what there is and why each was not taken
         */
        public LocalAddress find() {
            List<Candidate> candidates = new ArrayList<>();
            try {
                for (NetworkInterface each :
                        NetworkInterface.networkInterfaces().toList()) {
                    boolean isVirtual =
                            each.isVirtual() || each.getName().matches("(docker|br-|veth|virbr|cni|flannel|podman).*");
                    for (InterfaceAddress bound : each.getInterfaceAddresses()) {
                        candidates.add(new Candidate(
                                each.getName(), each.getIndex(), each.isUp(), isVirtual, bound.getAddress()));
                    }
                }
            } catch (SocketException unreadable) {
                throw new IllegalStateException("the machine's interfaces can not be read", unreadable);
            }
            return choose(candidates);
        }

        LocalAddress choose(List<Candidate> candidates) {
            Candidate best = candidates.stream()
                    .filter(candidate -> objection(candidate) == null)
                    .min(Comparator.comparingInt(this::rank)
                            .thenComparing(candidate -> isIpv6(candidate) != ipv6First)
                            .thenComparing(Candidate::isVirtual)
                            .thenComparingInt(Candidate::index)
                            .thenComparing(Candidate::host))
                    .orElseThrow(() -> new IllegalStateException("no address for others to call among "
                            + describe(candidates, null) + " (expected: one" + wishes() + ")"));
            String why =
                    best.host() + " of " + best.networkInterface + wishes() + "; others: " + describe(candidates, best);
            return new LocalAddress(best.host(), best.networkInterface, why);
        }

        private @Nullable String objection(Candidate candidate) {
            if (wantedInterface != null && !wantedInterface.equals(candidate.networkInterface)) {
                return "not of " + wantedInterface;
            }
            return candidate.objection();
        }

        /** Position of the first preferred network that has it; all others after. */
        private int rank(Candidate candidate) {
            for (int i = 0; i < networks.size(); i++) {
                if (networks.get(i).contains(candidate.address)) {
                    return i;
                }
            }
            return networks.size();
        }

        private static boolean isIpv6(Candidate candidate) {
            return candidate.address instanceof Inet6Address;
        }

        private String wishes() {
            String wishes = (networks.isEmpty() ? "" : ", preferably in " + networks)
                    + (wantedInterface == null ? "" : ", of " + wantedInterface)
                    + (ipv6First ? ", IPv6 first" : "");
            return wishes;
        }

        private String describe(List<Candidate> candidates, @Nullable Candidate chosen) {
            String others = candidates.stream()
                    .filter(candidate -> candidate != chosen)
                    .map(candidate -> {
                        String objection = objection(candidate);
                        return candidate.host() + " of " + candidate.networkInterface + " ("
                                + (objection == null ? "ranked lower" : objection) + ")";
                    })
                    .collect(Collectors.joining(", "));
            return others.isEmpty() ? "none" : others;
        }
    }
}
