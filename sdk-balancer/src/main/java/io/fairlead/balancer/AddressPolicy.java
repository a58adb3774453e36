// SPDX-License-Identifier: Apache-2.0
package io.fairlead.balancer;

import io.fairlead.spi.CidrBlock;
import java.net.Inet4Address;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Which addresses may be called, so that whoever can write to the registry can not aim our calls at what only we can
 * reach: a cloud's metadata service, an agent on the loopback interface. Judged on the address a name resolved to, not on
 * its spelling. An immutable value, safe for any thread.
 *
 * <p>Link-local addresses (169.254.0.0/16 with the metadata services, fe80::/10), multicast and unspecified ones are never
 * allowed, nor is the AWS metadata address fd00:ec2::254, nor any of them inside a NAT64, 6to4 or IPv4-compatible one.
 * Loopback is refused unless allowed. Everything else is allowed
 * unless {@link #only} says which networks are.
 */
public final class AddressPolicy {
    private static final CidrBlock METADATA_V6 = CidrBlock.parse("fd00:ec2::254/128");
    private static final CidrBlock NAT64 = CidrBlock.parse("64:ff9b::/96");
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

    /** Why an address may not be called, or null when it may. */
    public @Nullable String objection(InetAddress address) {
        String objection = kindObjection(address);
        InetAddress embedded = objection == null ? embedded(address) : null;
        if (embedded != null) {
            objection = kindObjection(embedded);
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
        if (address.isLinkLocalAddress() || METADATA_V6.contains(address)) {
            return "link-local or metadata address";
        }
        if (address.isLoopbackAddress()) {
            return loopback ? null : "loopback address (allowed by AddressPolicy.defaults().allowLoopback())";
        }
        boolean broadcast =
                address instanceof Inet4Address && address.getHostAddress().equals("255.255.255.255");
        return broadcast ? "broadcast address" : null;
    }

    /** The IPv4 address that a gateway would take out of an IPv6 one (RFC 6052, RFC 3056, RFC 4291), or null. */
    private static @Nullable InetAddress embedded(InetAddress address) {
        int at = NAT64.contains(address) || IPV4_COMPATIBLE.contains(address)
                ? 12
                : SIX_TO_FOUR.contains(address) ? 2 : -1;
        if (at < 0 || address.isLoopbackAddress()) {
            return null;
        }
        try {
            return InetAddress.getByAddress(Arrays.copyOfRange(address.getAddress(), at, at + 4));
        } catch (UnknownHostException impossible) {
            throw new IllegalStateException("four bytes are an address", impossible);
        }
    }
}
