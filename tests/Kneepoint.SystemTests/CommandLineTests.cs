namespace Kneepoint.SystemTests;

public sealed class CommandLineTests
{
    [Fact]
    public void Placeholder_until_commands_land() => Assert.True(true);
}
