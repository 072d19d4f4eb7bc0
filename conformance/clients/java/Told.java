/** One call after the other; a refusal is an answer too. What comes back is compared on the wire, not here. */
final class Told {
  interface Call {
    Object make() throws Exception;
  }

  private Told() {}

  static void told(String name, Call call) {
    try {
      System.out.println(name + ": " + call.make());
    } catch (Exception error) {
      System.out.println(name + ": " + error);
    }
  }

  public static void main(String[] words) throws Exception {
    String address = System.getenv("BAO_ADDR");
    switch (words[0]) {
      case "spring-vault" -> SpringVault.play(address);
      case "vault-java-driver" -> VaultJavaDriver.play(address);
      default -> throw new IllegalArgumentException(words[0]);
    }
  }
}
