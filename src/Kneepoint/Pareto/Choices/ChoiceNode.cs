namespace Kneepoint.Pareto.Choices;

/// <summary>A part of all choices: the options that are left to each group, and the basis of the relaxation to start from.</summary>
sealed class ChoiceNode
{
    /// <summary>Makes room.</summary>
    public ChoiceNode(ChoiceProblem problem)
    {
        Keys = new int[problem.Groups];
        Basics = new int[problem.Rows];
        Starts = new int[problem.Groups + 1];
    }

    /// <summary>For each group the option that takes what the others leave.</summary>
    public int[] Keys { get; }

    /// <summary>The basic columns beside the keys; see <see cref="ChoiceSimplex"/>.</summary>
    public int[] Basics { get; }

    /// <summary>The first place of each group in <see cref="Options"/>, and their number.</summary>
    public int[] Starts { get; }

    /// <summary>The options that are left, group after group.</summary>
    public int[] Options { get; set; } = [];

    /// <summary>No choice of this part has a smaller loss.</summary>
    public double Bound { get; set; }

    /// <summary>The options that are left to a group.</summary>
    public ReadOnlySpan<int> OptionsOf(int group) => Options.AsSpan(Starts[group]..Starts[group + 1]);

    /// <summary>Makes room for as many options.</summary>
    public void Reserve(int options)
    {
        if (Options.Length < options) Options = new int[options];
    }
}
