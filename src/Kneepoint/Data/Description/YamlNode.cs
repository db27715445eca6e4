namespace Kneepoint.Data.Description;

/// <summary>A value of a YAML document with the line it stands on.</summary>
/// <param name="Line">From 1.</param>
abstract record YamlNode(int Line)
{
    /// <summary>What the value is, for messages.</summary>
    public abstract string Kind { get; }
}

/// <summary>A single text or number.</summary>
sealed record YamlText(int Line, string Text) : YamlNode(Line)
{
    /// <inheritdoc/>
    public override string Kind => $"'{Text}'";
}

/// <summary>A list.</summary>
sealed record YamlList(int Line, IReadOnlyList<YamlNode> Items) : YamlNode(Line)
{
    /// <inheritdoc/>
    public override string Kind => "a list";
}

/// <summary>Keys with their values, in the file's order.</summary>
sealed record YamlMap(int Line, IReadOnlyList<YamlEntry> Entries) : YamlNode(Line)
{
    /// <inheritdoc/>
    public override string Kind => "a mapping";
}

/// <summary>One key of a <see cref="YamlMap"/>.</summary>
sealed record YamlEntry(int Line, string Key, YamlNode Value);
