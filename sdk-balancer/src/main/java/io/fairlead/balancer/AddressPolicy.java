// SPDX-License-Identifier: Apache-2.0
package io.fairlead.balancer;

import io.fairlead.spi.kit.CidrBlock;
import java.net.Inet4Address;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Which addresses may be called, so that whoever can write to the registry can not aim our calls at what only we can
 * reach: a cloud's metadata service, an agent on the loopback interface. Judged on the address a name resolved to, not on
 * its spelling. An immutable value, safe for any thread.
 *
 * <p>Link-local addresses (169.254.0.0/16 with the metadata services, fe80::/10), multicast and unspecified ones are never
 * allowed, nor are the metadata services and agents that clouds have at other addresses (Alibaba's 100.100.100.200,
 * Azure's 168.63.129.16, Oracle's 192.0.0.192 and fd00:c1::/64, fd00:ec2::/64 of AWS, fd20:ce::/64 of Google, fd00:42::/64
 * of Scaleway, fd00:a9fe:a9fe::/64 of Linode), nor any of them inside a NAT64, 6to4, Teredo, ISATAP, IPv4-translated or
 * IPv4-compatible one.
 * Loopback is refused unless allowed. Everything else is allowed
 * unless {@link #only} says which networks are.
 */
public final class AddressPolicy {
    /** Clouds' metadata services and agents that are not link-local. */
    private static final List<CidrBlock> METADATA = Stream.of(
                    "100.100.100.200/32", // Alibaba Cloud
                    "168.63.129.16/32", // Azure's wire server
                    "192.0.0.192/32", // Oracle Cloud
                    "fd00:ec2::/64", // AWS: instances, containers, pods, its resolver and clock
                    "fd20:ce::/64", // Google Cloud
                    "fd00:c1::/64", // Oracle Cloud
                    "fd00:42::/64", // Scaleway
                    "fd00:a9fe:a9fe::/64") // Linode
            .map(CidrBlock::parse)
            .toList();

    private static final CidrBlock NAT64 = CidrBlock.parse("64:ff9b::/96");
    private static final CidrBlock NAT64_LOCAL = CidrBlock.parse("64:ff9b:1::/48");
    private static final CidrBlock TRANSLATED = CidrBlock.parse("::ffff:0:0:0/96");
    private static final CidrBlock TEREDO = CidrBlock.parse("2001::/32");
    private static final CidrBlock IPV4_COMPATIBLE = CidrBlock.parse("::/96");
    private static final CidrBlock SIX_TO_FOUR = CidrBlock.parse("2002::/16");

    private final boolean loopback;
    private final List<CidrBlock> only;

    private AddressPolicy(boolean loopback, List<CidrBlock> only) {
        this.loopback = loopback;
        this.only = List.copyOf(only);
    }

    /** Refuses loopback. */
    public static AddressPolicy defaults() {
        return new AddressPolicy(false, List.of());
    }

    /** This policy with loopback allowed: for development, or an agent's sidecars. */
    public AddressPolicy allowLoopback() {
        return new AddressPolicy(true, only);
    }

    /**
     * This policy restricted to networks; several calls add up.
     *
     * @param cidr as in {@code 10.0.0.0/8}
     * @throws IllegalArgumentException when it is none
     */
    public AddressPolicy only(String cidr) {
        List<CidrBlock> more = new ArrayList<>(only);
        more.add(CidrBlock.parse(cidr));
        return new AddressPolicy(loopback, more);
    }

    /** Whether loopback addresses may be called. */
    public boolean allowsLoopback() {
        return loopback;
    }

    /** The networks it is restricted to, as they were given; none when it is not. */
    public List<String> networks() {
        return only.stream().map(CidrBlock::toString).toList();
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof AddressPolicy policy && policy.loopback == loopback && policy.only.equals(only);
    }

    @Override
    public int hashCode() {
        return only.hashCode() + (loopback ? 1 : 0);
    }

    /** As in {@code loopback, only [10.0.0.0/8]}; what is refused always is not said. */
    @Override
    public String toString() {
        return (loopback ? "loopback" : "no loopback") + (only.isEmpty() ? "" : ", only " + only);
    }

    /** Why an address may not be called, or null when it may. */
    public @Nullable String objection(InetAddress address) {
        String objection = kindObjection(address);
        for (InetAddress embedded : embedded(address)) {
            objection = objection == null ? kindObjection(embedded) : objection;
        }
        if (objection != null) {
            return objection;
        }
        if (address.isLoopbackAddress()) {
            return null;
        }
        return only.isEmpty() || only.stream().anyMatch(block -> block.contains(address))
                ? null
                : "address outside " + only;
    }

    /** What speaks against a kind of address, wherever it lies. */
    private @Nullable String kindObjection(InetAddress address) {
        if (address.isAnyLocalAddress()) {
            return "unspecified address";
        }
        if (address.isMulticastAddress()) {
            return "multicast address";
        }
        if (address.isLinkLocalAddress() || METADATA.stream().anyMatch(block -> block.contains(address))) {
            return "link-local or metadata address";
        }
        if (address.isLoopbackAddress()) {
            return loopback ? null : "loopback address (allowed by AddressPolicy.defaults().allowLoopback())";
        }
        boolean broadcast =
                address instanceof Inet4Address && address.getHostAddress().equals("255.255.255.255");
        return broadcast ? "broadcast address" : null;
    }

    /**
     * The IPv4 addresses that a gateway could take out of an IPv6 one: RFC 6052 and 8215 (NAT64), 2765 (translated), 4291
     * (compatible), 3056 (6to4), 4380 (Teredo), 5214 (ISATAP).
     */
    private static List<InetAddress> embedded(InetAddress address) {
        byte[] bytes = address.getAddress();
        if (bytes.length != 16 || address.isLoopbackAddress()) {
            return List.of();
        }
        if (SIX_TO_FOUR.contains(address)) {
            return List.of(ipv4(bytes, 0, 2, 3, 4, 5));
        }
        if (TEREDO.contains(address)) {
            return List.of(ipv4(bytes, 0xff, 12, 13, 14, 15));
        }
        if (NAT64_LOCAL.contains(address)) {
            return local(bytes);
        }
        boolean isIsatap = (bytes[8] & 0xfd) == 0 && bytes[9] == 0 && bytes[10] == 0x5e && (bytes[11] & 0xff) == 0xfe;
        boolean isLast = NAT64.contains(address) || TRANSLATED.contains(address) || IPV4_COMPATIBLE.contains(address);
        return isLast || isIsatap ? List.of(ipv4(bytes, 0, 12, 13, 14, 15)) : List.of();
    }

    /** A network says itself how long its NAT64 prefix is: 48, 56, 64 or 96 bits, and byte 8 is skipped. */
    private static List<InetAddress> local(byte[] bytes) {
        return Stream.of(
                        ipv4(bytes, 0, 12, 13, 14, 15),
                        ipv4(bytes, 0, 6, 7, 9, 10),
                        ipv4(bytes, 0, 7, 9, 10, 11),
                        ipv4(bytes, 0, 9, 10, 11, 12))
                .filter(found -> found.getAddress()[0] != 0)
                .toList();
    }

    private static InetAddress ipv4(byte[] bytes, int mask, int... places) {
        byte[] four = new byte[places.length];
        for (int i = 0; i < four.length; i++) {
            four[i] = (byte) (bytes[places[i]] ^ mask);
        }
        try {
            return InetAddress.getByAddress(four);
        } catch (UnknownHostException impossible) {
            throw new IllegalStateException("four bytes are an address", impossible);
        }
    }
}
